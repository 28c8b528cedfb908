// The training loop. Every step is a function of the seed and the counters, and the whole state is buffers and counters:
// so a run that is killed and resumed from any checkpoint comes to the same bits as one that was not.

import type {
  Arrays,
  Checkpoint,
  Counters,
  EpochRecord,
  Terms,
  TrainingConfig,
  TrainingState,
  Treatment,
} from '../artifact/index.ts';
import { type DataSplits, shuffled } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type BoundEstimate, evaluateBound } from '../evaluate/index.ts';
import { buildModel, type Model, objectiveScalarsAt, TrainedVae } from '../models/index.ts';
import { learningRateAt } from '../optim/index.ts';
import { streamOf } from '../random/index.ts';
import { type Runtime, viewsOf } from '../runtime/index.ts';
import {
  beat,
  type Course,
  measure,
  noFindings,
  type Patient,
  pulseVitals,
  rested,
  type Sample,
  sampleOf,
  treated,
  type Visit,
  visit,
} from './doctor/index.ts';
import type { TrainingCallbacks } from './events.ts';
import { Stepper } from './stepper.ts';

/** Where the loop keeps what it must not lose. A run folder is one. */
export interface TrainingStore {
  saveBest(parameters: Float32Array): Promise<void>;
  saveMetrics(records: readonly EpochRecord[]): Promise<void>;
  saveCheckpoint(checkpoint: Checkpoint): Promise<void>;
}

export interface LoopOptions extends TrainingCallbacks {
  readonly model: Model;
  readonly data: DataSplits;
  readonly config: TrainingConfig;
  readonly runtime: Runtime;
  readonly store?: TrainingStore | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What a store gave back, to go on from. */
  readonly from?: {
    readonly checkpoint: Checkpoint;
    readonly records: readonly EpochRecord[];
    readonly best: Float32Array;
  };
}

/** What the loop leaves. */
export interface LoopResult {
  readonly status: 'finished' | 'interrupted';
  readonly records: readonly EpochRecord[];
  /** The parameters of the best epoch by validation, flat. */
  readonly best: Float32Array;
  readonly counters: Counters;
}

const rollbackAttempts = 4;

const start: Counters = {
  epoch: 0,
  stepInEpoch: 0,
  step: 0,
  sums: { loss: 0, reconstruction: 0, kl: 0 },
  learningRateScale: 1,
  attempts: 0,
  best: null,
  seconds: 0,
  secondsInEpoch: 0,
  rows: 0,
  doctor: noFindings,
};

/** The doctor looks at the norm of the gradient, which is a pass over it, once in so many steps. */
const stepsBetweenNorms = 8;

/** Trains until the config's epochs are over, patience is, or the signal says stop; then the last step is finished. */
export async function trainLoop(options: LoopOptions): Promise<LoopResult> {
  const { treatments } = { ...start, ...options.from?.checkpoint.current.counters }.doctor;
  const { config, data, model } = options;
  const sample = config.doctor === 'off' ? undefined : await sampleOf(data.validation, model.spec.input);
  const loop = new Loop(options, await equip(options, treatments), sample);
  try {
    return await loop.run();
  } finally {
    await loop.dispose();
  }
}

/** What a course of training is run with. */
interface Equipment {
  readonly course: Course;
  readonly stepper: Stepper;
  readonly evaluated: TrainedVae;
}

async function equip(options: LoopOptions, treatments: readonly Treatment[]): Promise<Equipment> {
  const { data, config, runtime } = options;
  const course = treated(options.model.spec, config, treatments);
  const model = treatments.length === 0 ? options.model : buildModel(course.spec);
  const stepper = await Stepper.create(model, data.train, course.training, runtime);
  return { course, stepper, evaluated: new TrainedVae(model, viewsOf(stepper.layout, stepper.averaged), runtime) };
}

class Loop {
  readonly #options: LoopOptions;
  readonly #stepsPerEpoch: number;
  /** The rows that the doctor looks at. */
  readonly #sample: Sample | undefined;
  #equipment: Equipment;
  #counters = start;
  /** The state at the last epoch's end (or the start). */
  #good: TrainingState;
  #records: EpochRecord[] = [];
  #best: Float32Array;
  #savedAt = performance.now();

  constructor(options: LoopOptions, equipment: Equipment, sample: Sample | undefined) {
    const { data, config, from } = options;
    this.#options = options;
    this.#equipment = equipment;
    this.#sample = sample;
    this.#stepsPerEpoch = Math.floor(data.train.size / config.batchSize);
    if (from !== undefined) {
      this.#restore(from.checkpoint.current);
      this.#records = from.records.filter(({ epoch }) => epoch <= this.#counters.epoch);
    }
    this.#good = from?.checkpoint.good ?? this.#snapshot();
    this.#best = from?.best ?? equipment.stepper.averaged.slice();
  }

  get #stepper(): Stepper {
    return this.#equipment.stepper;
  }

  async run(): Promise<LoopResult> {
    const { config, signal } = this.#options;
    let status: LoopResult['status'] = 'finished';
    while (this.#counters.epoch < config.epochs && !this.#outOfPatience()) {
      if (await this.#trainEpoch()) await this.#finishEpoch();
      if (signal?.aborted) {
        status = this.#counters.epoch < config.epochs && !this.#outOfPatience() ? 'interrupted' : 'finished';
        await this.#checkpoint();
        break;
      }
    }
    return { status, records: this.#records, best: this.#best, counters: this.#counters };
  }

  async dispose(): Promise<void> {
    await this.#equipment.evaluated.dispose();
    await this.#stepper.dispose();
  }

  /** Takes the epoch's remaining steps. False where it did not come to its end. */
  async #trainEpoch(): Promise<boolean> {
    const { config, data, signal, onStep } = this.#options;
    const { epoch } = this.#counters;
    const { train } = data;
    const order = shuffled(train, { seed: config.seed, stream: streamOf('order'), step: epoch });
    const batch = (index: number): Uint32Array =>
      order.subarray(index * config.batchSize, (index + 1) * config.batchSize);
    let ready = train.prepare?.(batch(this.#counters.stepInEpoch));
    while (this.#counters.stepInEpoch < this.#stepsPerEpoch) {
      const { stepInEpoch, step } = this.#counters;
      const rows = batch(stepInEpoch);
      const began = performance.now();
      if (ready) {
        await ready;
        // The next batch is fetched while this one is trained on. What goes wrong with it is said when its turn comes.
        ready = stepInEpoch + 1 < this.#stepsPerEpoch ? train.prepare?.(batch(stepInEpoch + 1)) : undefined;
        ready?.catch(() => undefined);
      }
      const terms = await this.#stepper.step(rows, {
        step: step + 1,
        learningRate: this.#learningRate(step + 1),
        scalars: this.#scalars(step),
      });
      if (!Number.isFinite(terms.loss)) {
        this.#rollBack(step + 1, terms.loss);
        return false;
      }
      this.#count(terms, rows.length, (performance.now() - began) / 1000);
      onStep?.({ ...terms, ...this.#progress() });
      if (signal?.aborted) return this.#counters.stepInEpoch === this.#stepsPerEpoch;
      if (performance.now() - this.#savedAt > 1000 * config.checkpointSeconds) await this.#checkpoint();
    }
    return true;
  }

  #count(terms: Terms, rows: number, seconds: number): void {
    const counters = this.#counters;
    const step = counters.step + 1;
    const { pulse } = counters.doctor;
    const watched = this.#sample !== undefined;
    const norm = watched && step % stepsBetweenNorms === 0 ? this.#stepper.gradientNorm() : undefined;
    this.#counters = {
      ...counters,
      stepInEpoch: counters.stepInEpoch + 1,
      step,
      sums: {
        loss: counters.sums.loss + terms.loss,
        reconstruction: counters.sums.reconstruction + terms.reconstruction,
        kl: counters.sums.kl + terms.kl,
      },
      seconds: counters.seconds + seconds,
      secondsInEpoch: counters.secondsInEpoch + seconds,
      rows: counters.rows + rows,
      ...(watched && { doctor: { ...counters.doctor, pulse: beat(pulse, terms.reconstruction + terms.kl, norm) } }),
    };
  }

  async #finishEpoch(): Promise<void> {
    const { data, store, onEpoch, onDiagnosis } = this.#options;
    if (!this.#stepper.isFinite()) return this.#rollBack(this.#counters.step, Number.NaN);
    this.#stepper.average();
    const validation = await evaluateBound(this.#equipment.evaluated, data.validation);
    if (!Number.isFinite(validation.negElbo)) return this.#rollBack(this.#counters.step, validation.negElbo);
    const { vitals, notes = [], state = this.#counters.doctor } = await this.#visit(validation);
    const said = notes.length > 0 && { doctor: notes };
    const record: EpochRecord = { ...this.#record(validation), ...(vitals && { vitals }), ...said };
    this.#records.push(record);
    this.#counters = {
      ...this.#counters,
      epoch: record.epoch,
      stepInEpoch: 0,
      sums: start.sums,
      secondsInEpoch: 0,
      attempts: 0,
      best: record.best ? { epoch: record.epoch, negElbo: validation.negElbo } : this.#counters.best,
      doctor: { ...state, pulse: rested(state.pulse) },
    };
    if (record.best) {
      this.#best.set(this.#stepper.averaged);
      await store?.saveBest(this.#best);
    }
    await this.#treat(notes.flatMap(({ treatment }) => treatment ?? []));
    this.#keep();
    await store?.saveMetrics(this.#records);
    await this.#checkpoint();
    await onEpoch?.(record);
    for (const note of notes) onDiagnosis?.(note);
  }

  /** What the doctor finds. */
  async #visit(bound: BoundEstimate): Promise<Partial<Visit>> {
    if (this.#sample === undefined) return {};
    const { config } = this.#options;
    const { course, evaluated } = this.#equipment;
    const { step, attempts, doctor } = this.#counters;
    const epoch = this.#counters.epoch + 1;
    const vitals = { ...(await measure(evaluated, this.#sample)), ...pulseVitals(doctor.pulse), rollbacks: attempts };
    const patient: Patient = {
      ...course,
      vitals,
      bound,
      scalars: this.#scalars(step),
      epochsLeft: config.epochs - epoch,
      stepsPerEpoch: this.#stepsPerEpoch,
    };
    return visit(patient, doctor, { epoch, step, fix: config.doctor === 'fix' });
  }

  /** Goes on with the counters' treatments, from here or, where a new one says so, from the end of the epoch before. */
  async #treat(added: readonly Treatment[]): Promise<void> {
    if (added.length === 0) return;
    const equipment = await equip(this.#options, this.#counters.doctor.treatments);
    const restored = added.some(({ restored }) => restored);
    copyArrays(restored ? this.#good.arrays : this.#stepper.state, equipment.stepper.state);
    await this.dispose();
    this.#equipment = equipment;
  }

  #record(validation: BoundEstimate): EpochRecord {
    const { epoch, step, sums, secondsInEpoch, best } = this.#counters;
    const mean = (sum: number): number => sum / this.#stepsPerEpoch;
    const { klWeight } = this.#scalars(step);
    return {
      epoch: epoch + 1,
      step,
      train: { loss: mean(sums.loss), reconstruction: mean(sums.reconstruction), kl: mean(sums.kl) },
      validation,
      best: best === null || validation.negElbo < best.negElbo,
      learningRate: this.#learningRate(step),
      ...(klWeight !== undefined && { klWeight }),
      seconds: secondsInEpoch,
      imagesPerSecond: (this.#stepsPerEpoch * this.#options.config.batchSize) / secondsInEpoch,
    };
  }

  /** Back to the last good state, with half the learning rate; after a few attempts in vain, an error. */
  #rollBack(step: number, loss: number): void {
    const attempt = this.#counters.attempts + 1;
    const learningRateScale = this.#counters.learningRateScale / 2;
    if (attempt > rollbackAttempts) {
      throw new LatentkitError(
        'training',
        `step ${step}: the loss is ${loss}, after ${rollbackAttempts} attempts from the end of epoch ` +
          `${this.#good.counters.epoch}, each with half the learning rate of the one before. Check the data for extreme ` +
          'values, lower the learning rate, or clip the gradients (clipNorm).',
      );
    }
    const { seconds, rows } = this.#counters;
    this.#restore(this.#good);
    this.#counters = { ...this.#counters, attempts: attempt, learningRateScale, seconds, rows };
    const epoch = this.#counters.epoch + 1;
    this.#options.onRollback?.({ step, loss, epoch, learningRateScale, attempt, attempts: rollbackAttempts });
  }

  async #checkpoint(): Promise<void> {
    const { store, onCheckpoint } = this.#options;
    this.#savedAt = performance.now();
    // A loss can be finite though the update after it was not: such a state is not kept.
    if (store === undefined || !this.#stepper.isFinite()) return;
    await store.saveCheckpoint({
      current: { counters: this.#counters, arrays: this.#stepper.state },
      good: this.#good,
    });
    this.#savedAt = performance.now();
    onCheckpoint?.(this.#counters.step);
  }

  #snapshot(): TrainingState {
    const arrays = Object.entries(this.#stepper.state).map(([name, data]) => [name, data.slice()] as const);
    return { counters: this.#counters, arrays: Object.fromEntries(arrays) };
  }

  /** Makes the present state the one to go back to, in the arrays of the last one. */
  #keep(): void {
    copyArrays(this.#stepper.state, this.#good.arrays);
    this.#good = { counters: this.#counters, arrays: this.#good.arrays };
  }

  #restore({ counters, arrays }: TrainingState): void {
    copyArrays(arrays, this.#stepper.state);
    // Checkpoints of before there was a doctor say nothing of it.
    this.#counters = { ...start, ...counters };
  }

  #learningRate(step: number): number {
    const { epochs, schedule, optimizer } = this.#equipment.course.training;
    const total = epochs * this.#stepsPerEpoch;
    return learningRateAt(schedule, optimizer.learningRate, step, total) * this.#counters.learningRateScale;
  }

  #scalars(step: number): Readonly<Record<string, number>> {
    const { spec, since } = this.#equipment.course;
    const { size: datasetSize } = this.#options.data.train;
    return objectiveScalarsAt(spec.objective, { step: step - since, stepsPerEpoch: this.#stepsPerEpoch, datasetSize });
  }

  #progress() {
    const { epoch, stepInEpoch, step, seconds, rows } = this.#counters;
    const { epochs } = this.#options.config;
    const stepsLeft = epochs * this.#stepsPerEpoch - step;
    return {
      step,
      epoch: epoch + 1,
      stepInEpoch,
      stepsPerEpoch: this.#stepsPerEpoch,
      epochs,
      imagesPerSecond: rows / seconds,
      secondsLeft: (seconds / step) * stepsLeft,
    };
  }

  #outOfPatience(): boolean {
    const { patience } = this.#options.config;
    const { epoch, best } = this.#counters;
    return patience !== undefined && best !== null && epoch - best.epoch >= patience;
  }
}

function copyArrays(from: Arrays, to: Arrays): void {
  for (const [name, target] of Object.entries(to)) {
    const source = from[name];
    if (source?.length !== target.length) {
      throw new LatentkitError(
        'artifact',
        `the checkpoint: expected ${target.length} values of ${name}, got ${source?.length ?? 'none'}. ` +
          'It belongs to another model or optimiser than config.json describes.',
      );
    }
    target.set(source);
  }
}
