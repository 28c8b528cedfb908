// Shared by the tests of this folder: a tiny model under any objective, and its step in float64.

import type { Graph } from '../../graph/index.ts';
import { dense, flatten, tanh } from '../../nn/index.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { buildModel, type Model, type ModelOptions, type ObjectiveOptions, vae } from '../index.ts';
import { feedsFor } from '../testing.ts';

export type Feeds = Readonly<Record<string, ReferenceFeed>>;

/** The rows of a batch. */
export const rows = 5;
/** The dimensions of a code. */
export const latent = 2;

const tiny: ModelOptions = {
  input: [2, 2, 1],
  latent,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense(4), tanh(), dense('output')],
};

/** The tiny model. */
export function modelWith(objective: ObjectiveOptions, parts: Partial<ModelOptions> = {}): Model {
  return buildModel(vae({ ...tiny, ...parts, objective }));
}

/** What a graph gives in float64, as plain numbers. */
export function values(graph: Graph, feeds: Feeds): Record<string, number[]> {
  const out = Object.entries(evaluateReference(graph, feeds));
  return Object.fromEntries(out.map(([name, { data }]) => [name, [...data]]));
}

/** Feeds for a step, with scalars that suit every objective. */
export function stepFeeds(model: Model, batch: number = rows): Feeds {
  const scalar = (value: number): ReferenceFeed => ({ shape: [], data: [value] });
  return {
    ...feedsFor(model.stepGraph(), batch),
    klWeight: scalar(1),
    capacity: scalar(0.1),
    discreteCapacity: scalar(0.2),
    datasetSize: scalar(40),
  };
}

/** The gradients of a step, by parameter. */
export function gradients(step: Readonly<Record<string, number[]>>): Record<string, number[]> {
  const entries = Object.entries(step).filter(([name]) => name.startsWith('gradient/'));
  return Object.fromEntries(entries.map(([name, data]) => [name.slice('gradient/'.length), data]));
}

/** Whether a parameter belongs to inference. */
export const ofInference = (name: string): boolean => /^(encoder|posterior)\./.test(name);

/**
 * log p(x|z) + log p(z) − log q(z|x) of each code that a step draws, from the model's other graphs: K rows an example,
 * [rows · K].
 */
export function logWeights(model: Model, feeds: Feeds, count: number): number[] {
  const x = feeds.x!;
  const width = x.data.length / rows;
  const repeated = Array.from({ length: rows * count * width }, (_, i) => {
    const row = Math.floor(i / width / count);
    return x.data[row * width + (i % width)]!;
  });
  const [, ...shape] = x.shape;
  const all = { ...feeds, x: { shape: [rows * count, ...shape], data: repeated } };
  return values(model.importanceGraph(), all).logWeight!;
}

export const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** log of the mean of exp, in float64. */
export function logMean(list: readonly number[]): number {
  const largest = Math.max(...list);
  return largest + Math.log(total(list.map(value => Math.exp(value - largest))) / list.length);
}
