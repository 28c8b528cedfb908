// What a detector is: scores of rows by a trained model, higher where a row is less like the rows that were taken as normal.

import { type Dataset, hostRows, subset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import type { RowTensor } from '../runtime/index.ts';
import { calibrate, combine, membersOf } from './scores/combination.ts';
import { openNegIwae, openReconstructionProbability, type Scorer } from './scores/draws.ts';
import { GraphScorer, orInfinite } from './scores/graph-scorer.ts';
import { type FittedName, type GraphScoreName, graphScores, isGraphScore } from './scores/graph-scores.ts';
import { hasRegret, openLikelihoodRegret } from './scores/likelihood-regret.ts';
import { measureNormalRows } from './scores/normal-rows.ts';
import type { Tensors } from './scores/row-program.ts';

/** The scores that there are; see scores/. */
export type ScoreName = GraphScoreName | 'reconstructionProbability' | 'negIwae' | 'likelihoodRegret' | 'combined';

/** A number for each row by score. */
export type Scores = { readonly [name in ScoreName]?: Float64Array };

/** What a detector is fitted to. Never test rows. */
export interface NormalRows {
  /** Rows that are taken as normal: those that the model was trained on. */
  readonly train: Dataset;
  /** Held-out rows of the same kind, on whose scores the combination is calibrated. */
  readonly validation: Dataset;
}

/** How to fit. */
export interface DetectorOptions {
  /** Of what is drawn: reference rows and noise. 0 unless told. */
  readonly seed?: number | undefined;
  /** What share of the training rows may not be normal: as many that the model finds least likely are left out. Default 0. */
  readonly contamination?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Scores of one trained model. */
export interface Detector {
  /** What `score` can be asked for. */
  readonly names: readonly ScoreName[];
  /** All that it consists of beside the model. */
  readonly fitted: FittedScores;
  /**
   * Scores of rows as the model takes them, [n, ...input shape]; higher is more anomalous. Nothing is drawn that depends on
   * where a row stands, so a row has the same score in any batch. A table's missing values count neither for nor against it.
   *
   * @param which `['combined']` unless told.
   * @throws LatentkitError `data` where the rows are not what the model takes.
   */
  score(rows: RowTensor, which?: readonly ScoreName[]): Promise<Scores>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/** What a detector consists of: with it and the model it can be opened again. */
export interface FittedScores {
  readonly seed: number;
  readonly tensors: Tensors & Readonly<Record<FittedName | 'combination', Tensors[string]>>;
}

/** Held-out rows that the combination is calibrated on, at most. */
const mostCalibrated = 5000;
const chunk = 1024;

/** Where the share of the progress goes to. */
const measuring = 0.8;

/**
 * Fits a detector to rows that are taken as normal; where up to a share of them may not be, `contamination` says so.
 *
 * @throws LatentkitError `data` where there are too few held-out rows.
 * @example
 * const detector = await fitDetector(run.vae, data);
 * const { combined } = await detector.score(await hostRows(data.test, 0, 100));
 */
export async function fitDetector(
  vae: TrainedVae,
  { train, validation }: NormalRows,
  { seed = 0, contamination = 0, signal, progress }: DetectorOptions = {},
): Promise<Detector> {
  const normal = contamination > 0 ? await leastUnlikely(vae, train, contamination, signal) : train;
  const fitted = await measureNormalRows(vae, normal, {
    ...{ seed, signal },
    progress: share => progress?.(measuring * share),
  });
  const held = spread(validation, mostCalibrated);
  const scorer = new GraphScorer(vae, fitted);
  const members = membersOf(vae.model.spec);
  const scores = await scoreAll(scorer, held, members, signal);
  await scorer.dispose();
  progress?.(1);
  return openDetector(vae, { seed, tensors: { ...fitted, combination: calibrate(members.map(name => scores[name])) } });
}

/** The rows but for a share of them, those of the highest negative ELBO. */
async function leastUnlikely(
  vae: TrainedVae,
  data: Dataset,
  share: number,
  signal: AbortSignal | undefined,
): Promise<Dataset> {
  if (!(share < 1)) {
    throw new LatentkitError(
      'usage',
      `contamination: expected a share of the training rows from 0 to below 1, got ${share}. Say what part may be anomalies.`,
    );
  }
  const scorer = new GraphScorer(vae, {});
  const { negElbo } = await scoreAll(scorer, data, ['negElbo'], signal);
  await scorer.dispose();
  const order = Uint32Array.from(negElbo.keys()).sort((a, b) => negElbo[a]! - negElbo[b]!);
  return subset(data, order.subarray(0, Math.ceil((1 - share) * data.size)).sort());
}

async function scoreAll<N extends GraphScoreName>(
  scorer: GraphScorer,
  data: Dataset,
  names: readonly N[],
  signal: AbortSignal | undefined,
): Promise<Record<N, Float64Array>> {
  const all = names.map(name => [name, new Float64Array(data.size)] as const);
  for (let start = 0; start < data.size; start += chunk) {
    signal?.throwIfAborted();
    const scores = await scorer.score(await hostRows(data, start, Math.min(start + chunk, data.size)), names);
    for (const [name, values] of all) values.set(scores[name], start);
  }
  return Object.fromEntries(all) as Record<N, Float64Array>;
}

/** So many rows at most, evenly spread. */
function spread(data: Dataset, most: number): Dataset {
  if (data.size <= most) return data;
  return subset(
    data,
    Uint32Array.from({ length: most }, (_, i) => Math.floor((i * data.size) / most)),
  );
}

/** A detector of what was fitted before. */
export function openDetector(vae: TrainedVae, fitted: FittedScores): Detector {
  return new FittedDetector(vae, fitted);
}

class FittedDetector implements Detector {
  readonly names: readonly ScoreName[];
  readonly fitted: FittedScores;
  readonly #members: readonly GraphScoreName[];
  readonly #graphScorer: GraphScorer;
  /** Of the scores that need more than one graph. */
  readonly #openers: ReadonlyMap<ScoreName, () => Promise<Scorer>>;
  readonly #scorers = new Map<ScoreName, Promise<Scorer>>();

  constructor(vae: TrainedVae, fitted: FittedScores) {
    const { seed, tensors } = fitted;
    this.fitted = fitted;
    this.#members = membersOf(vae.model.spec);
    this.#graphScorer = new GraphScorer(vae, tensors);
    this.#openers = new Map<ScoreName, () => Promise<Scorer>>([
      ['reconstructionProbability', () => openReconstructionProbability(vae, seed)],
      ['negIwae', () => openNegIwae(vae, seed)],
      ...(hasRegret(vae.model) ? [['likelihoodRegret', () => openLikelihoodRegret(vae, seed)] as const] : []),
    ]);
    this.names = ['combined', ...Object.keys(graphScores).filter(isGraphScore), ...this.#openers.keys()];
  }

  async score(rows: RowTensor, which: readonly ScoreName[] = ['combined']): Promise<Scores> {
    const asked = which.flatMap((name): readonly ScoreName[] => (name === 'combined' ? this.#members : [name]));
    const graphNames = [...new Set(asked)].filter(isGraphScore);
    const scores: { [name in ScoreName]?: Float64Array } =
      graphNames.length > 0 ? await this.#graphScorer.score(rows, graphNames) : {};
    for (const name of new Set(which)) {
      if (isGraphScore(name)) continue;
      if (name === 'combined') {
        const values = this.#members.map(member => scores[member]!);
        scores.combined = combine(values, this.fitted.tensors.combination);
      } else scores[name] = orInfinite(await (await this.#scorer(name)).score(rows));
    }
    return Object.fromEntries(which.map(name => [name, scores[name]!]));
  }

  #scorer(name: ScoreName): Promise<Scorer> {
    const known = this.#scorers.get(name);
    if (known !== undefined) return known;
    const open = this.#openers.get(name);
    if (open === undefined) {
      throw new LatentkitError(
        'usage',
        `score ${name}: expected one that this model has: ${this.names.join(', ')}. Likelihood regret needs a Gaussian posterior.`,
      );
    }
    const opened = open();
    this.#scorers.set(name, opened);
    return opened;
  }

  async dispose(): Promise<void> {
    await this.#graphScorer.dispose();
    for (const scorer of await Promise.all(this.#scorers.values())) await scorer.dispose();
    this.#scorers.clear();
  }
}
