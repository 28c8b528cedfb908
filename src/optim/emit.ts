// The optimisers as graph, for a backend that keeps its parameters elsewhere (a GPU, a cluster): the same equations as
// the fused kernels (scalars.ts), tensor by tensor. A test holds the two equal.

import { type Graph, graph, input, type Tensor } from '../graph/index.ts';
import { add, div, greater, mul, select, sqrt, sub, sum } from '../ops/index.ts';
import type { OptimizerConfig } from './config.ts';
import { stateNames } from './optimizer.ts';
import { adamScalars, averagingRate, sgdScalars } from './scalars.ts';

/** A tensor to update: its name, and its shape. */
export interface Updated {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * One optimiser step as graph. Inputs: `<slot>/<name>` for the slots `parameter`, `gradient` and those of the
 * optimiser's state, and the scalars of {@link stepScalars}. Outputs: `next/<slot>/<name>` for all slots but the gradient.
 */
export function optimizerGraph(config: OptimizerConfig, tensors: readonly Updated[]): Graph {
  const leaf = (slot: string, { name, shape }: Updated): Tensor => input(`${slot}/${name}`, shape);
  const scalar = (name: string): Tensor => input(name, []);
  const clip =
    config.clipNorm === undefined
      ? 1
      : clipFactor(
          config.clipNorm,
          tensors.map(t => leaf('gradient', t)),
        );

  const outputs = tensors.flatMap(tensor => {
    const gradient = mul(leaf('gradient', tensor), clip);
    const slot = (name: string): Tensor => leaf(name, tensor);
    const next: Record<string, Tensor> =
      config.type === 'sgd' ? sgdUpdate(slot, scalar, gradient) : adamUpdate(slot, scalar, gradient);
    if (config.ema !== undefined) {
      next.ema = add(slot('ema'), mul(scalar('averagingRate'), sub(next.parameter!, slot('ema'))));
    }
    return ['parameter', ...stateNames(config)].map(name => [`next/${name}/${tensor.name}`, next[name]!] as const);
  });
  return graph(Object.fromEntries(outputs));
}

type Lookup = (name: string) => Tensor;

function adamUpdate(slot: Lookup, scalar: Lookup, gradient: Tensor): Record<string, Tensor> {
  const scaled = mul(scalar('rate2'), gradient);
  const firstMoment = add(mul(scalar('beta1'), slot('firstMoment')), mul(scalar('rate1'), gradient));
  const secondMoment = add(mul(scalar('beta2'), slot('secondMoment')), mul(scaled, scaled));
  const step = mul(scalar('stepSize'), div(firstMoment, add(sqrt(secondMoment), scalar('epsilon'))));
  return { parameter: sub(mul(scalar('decay'), slot('parameter')), step), firstMoment, secondMoment };
}

function sgdUpdate(slot: Lookup, scalar: Lookup, gradient: Tensor): Record<string, Tensor> {
  const scaled = mul(scalar('scale'), gradient);
  const velocity = add(mul(scalar('momentum'), slot('velocity')), scaled);
  const step = add(mul(scalar('ofGradient'), scaled), mul(scalar('ofVelocity'), velocity));
  return { parameter: sub(slot('parameter'), step), velocity };
}

/** What gradients are multiplied by so that their common norm, times the input `scale`, is at most `clipNorm`. */
function clipFactor(clipNorm: number, gradients: readonly Tensor[]): Tensor {
  const squares = gradients.map(gradient => sum(mul(gradient, gradient))).reduce((a, b) => add(a, b));
  const norm = mul(input('scale', []), sqrt(squares));
  return select(greater(norm, clipNorm), div(clipNorm, norm), 1);
}

/**
 * The scalar inputs of one step.
 *
 * @param stepNumber counted from 1
 * @param scale what the gradients are multiplied by before anything else
 */
export function stepScalars(
  config: OptimizerConfig,
  learningRate: number,
  stepNumber: number,
  scale = 1,
): Readonly<Record<string, number>> {
  const own =
    config.type === 'sgd'
      ? sgdScalars(config, learningRate, scale)
      : { ...adamScalars(config, learningRate, stepNumber, scale), scale };
  return config.ema === undefined ? { ...own } : { ...own, averagingRate: averagingRate(config.ema, stepNumber) };
}
