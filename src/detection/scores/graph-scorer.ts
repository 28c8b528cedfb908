// Graph scores of rows: those that are asked for together are one program, compiled when they first are.

import { bindShape, input } from '../../graph/index.ts';
import type { TrainedVae } from '../../models/index.ts';
import type { RowTensor } from '../../runtime/index.ts';
import { type FittedName, fittedShapes, type GraphScoreName, graphScores } from './graph-scores.ts';
import { rowFacts } from './row-facts.ts';
import { RowProgram, type Tensors } from './row-program.ts';

export class GraphScorer {
  readonly #vae: TrainedVae;
  readonly #fitted: Tensors;
  readonly #programs = new Map<string, Promise<RowProgram>>();

  /** @param fitted may lack what the scores that are asked for do not need. */
  constructor(vae: TrainedVae, fitted: Tensors) {
    this.#vae = vae;
    this.#fitted = fitted;
  }

  /** A score that cannot be computed, of a row beyond what float32 holds, is infinite: there is no stranger row. */
  async score<N extends GraphScoreName>(rows: RowTensor, names: readonly N[]): Promise<Record<N, Float64Array>> {
    const scores = await (await this.#program(names)).run(rows);
    const finite = names.map(name => [name, orInfinite(Float64Array.from(scores[name]!))] as const);
    return Object.fromEntries(finite) as Record<N, Float64Array>;
  }

  async dispose(): Promise<void> {
    for (const program of await Promise.all(this.#programs.values())) await program.dispose();
    this.#programs.clear();
  }

  #program(names: readonly GraphScoreName[]): Promise<RowProgram> {
    const key = names.join();
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const row = rowFacts(this.#vae.model);
    const shapes = fittedShapes(this.#vae.model.spec);
    const references = this.#fitted['normal.codes']?.shape[0] ?? 1;
    const fitted = (name: FittedName) => input(name, bindShape(shapes[name], references));
    const outputs = names.map(name => [name, graphScores[name](row, fitted)] as const);
    const opened = RowProgram.open(this.#vae, Object.fromEntries(outputs), this.#fitted);
    this.#programs.set(key, opened);
    return opened;
  }
}

/** NaN as infinity. */
export function orInfinite(scores: Float64Array): Float64Array {
  return scores.map(score => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : score));
}
