// The doctor: what it measures, what it says, and how a run is treated.

export type { Patient } from './diagnosis.ts';
export { noFindings, type Visit, visit } from './doctor.ts';
export { beat, pulseVitals, rested } from './pulse.ts';
export { type Course, treated } from './treatment.ts';
export { measure, type Sample, sampleOf } from './vitals.ts';
