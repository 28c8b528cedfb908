// The doctor of a training: looks at the model at each epoch's end and says what goes wrong, each thing once. What it says
// follows from the figures and from the state that the checkpoint carries.

import type { DoctorNote, DoctorState, Treatment, Vitals } from '../../artifact/index.ts';
import { diagnoses } from './diagnoses/index.ts';
import type { Diagnosis, Finding, Patient } from './diagnosis.ts';
import { stillPulse } from './pulse.ts';
import { changesOf } from './treatment.ts';

/** The doctor's mind before training. */
export const noFindings: DoctorState = { pulse: stillPulse, seen: [], told: [], treatments: [] };

/** Steps after which a model is not just beginning: before, what is found is told when it is found a second time. */
const settled = 200;

/** Where training stands when the doctor looks, and whether to treat. */
interface Occasion {
  readonly epoch: number;
  readonly step: number;
  readonly fix: boolean;
}

/** What comes of a visit. */
export interface Visit {
  readonly vitals: Vitals;
  readonly notes: readonly DoctorNote[];
  /** What is to be remembered, with the treatments of the notes. */
  readonly state: DoctorState;
}

/** What the doctor says of a patient. */
export function visit(patient: Patient, state: DoctorState, { epoch, step, fix }: Occasion): Visit {
  const notes: DoctorNote[] = [];
  const [seen, told] = [new Set<string>(), new Set(state.told)];
  for (const [name, diagnosis] of Object.entries<Diagnosis>(diagnoses)) {
    const found = diagnosis.examine(patient);
    const note = { diagnosis: name, title: diagnosis.title, epoch };
    if (typeof found === 'string') {
      if (!told.has(name) || state.seen.includes(name)) continue;
      told.delete(name);
      notes.push({ ...note, status: 'resolved', severity: 'notice', seen: found, evidence: {}, why: '', mends: [] });
      continue;
    }
    seen.add(name);
    const sure = diagnosis.acute || step >= settled || state.seen.includes(name);
    // What harms at once and goes on in spite of a treatment is treated once more.
    const goesOn = fix && diagnosis.acute;
    if (!sure || (told.has(name) && !goesOn)) continue;
    told.add(name);
    const { mends, ...words } = found;
    const treatment = fix
      ? treat(found, patient, { diagnosis: name, epoch, step, restored: diagnosis.acute })
      : undefined;
    notes.push({ ...note, ...words, status: 'found', mends: mends.map(({ option }) => option), ...treatment });
  }
  const treatments = notes.flatMap(({ treatment }) => treatment ?? []);
  return {
    vitals: patient.vitals,
    notes,
    state: { ...state, seen: [...seen], told: [...told], treatments: [...state.treatments, ...treatments] },
  };
}

function treat(
  found: Finding,
  { spec }: Patient,
  about: Pick<Treatment, 'diagnosis' | 'epoch' | 'step' | 'restored'>,
): Pick<DoctorNote, 'treatment' | 'untreated'> {
  const changes = changesOf(found, spec);
  return typeof changes === 'string' ? { untreated: changes } : { treatment: { ...about, ...changes } };
}
