// Gradients held against central finite differences of the float64 reference: for tests, and for whoever writes an op.

import { LatentkitError } from '../errors.ts';
import { graph, leafName, type Tensor } from '../graph/index.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { grad } from './grad.ts';

export interface CheckOptions {
  /** How far an element is moved to either side, relative to max(1, |element|). Default 1e-5. */
  readonly step?: number;
  /** The largest difference allowed, relative to max(1, the tensor's largest gradient). Default 1e-6. */
  readonly tolerance?: number;
  /** Elements checked of each tensor, spread evenly. Default 40. */
  readonly elements?: number;
}

/**
 * Checks `grad(loss, wrt)` at one point.
 *
 * @param loss a float32 scalar, smooth around the point.
 * @param wrt float32 leaves of the loss.
 * @param feeds a value for each leaf, by name.
 * @returns the largest relative difference.
 * @throws LatentkitError('internal') that names the leaf and the element where the difference is too large.
 */
export function checkGradients(
  loss: Tensor,
  wrt: readonly Tensor[],
  feeds: Readonly<Record<string, ReferenceFeed>>,
  { step = 1e-5, tolerance = 1e-6, elements = 40 }: CheckOptions = {},
): number {
  const lossGraph = graph({ loss });
  const names = wrt.map(leaf => {
    const name = leafName(leaf);
    if (name !== undefined) return name;
    throw new LatentkitError('shape', `checkGradients: expected leaves to differentiate by, got ${leaf.op.name}`);
  });
  // The loss stands beside its gradients so that N is bound even where a gradient is constant.
  const gradients = evaluateReference(
    graph({ loss, ...Object.fromEntries(grad(loss, wrt).map((g, i) => [`gradient ${i}`, g])) }),
    feeds,
  );

  let worst = 0;
  for (const [i, name] of names.entries()) {
    const gradient = gradients[`gradient ${i}`]!.data;
    const feed = feeds[name]!;
    const lossAt = (element: number, value: number): number => {
      const data = Float64Array.from(feed.data);
      data[element] = value;
      return evaluateReference(lossGraph, { ...feeds, [name]: { shape: feed.shape, data } }).loss!.data[0]!;
    };
    const scale = Math.max(1, ...gradient.map(Math.abs));
    const stride = Math.max(1, Math.ceil(gradient.length / elements));
    for (let element = 0; element < gradient.length; element += stride) {
      const value = feed.data[element]!;
      const h = step * Math.max(1, Math.abs(value));
      const expected = (lossAt(element, value + h) - lossAt(element, value - h)) / (2 * h);
      const difference = Math.abs(gradient[element]! - expected) / scale;
      if (!(difference <= tolerance)) {
        throw new LatentkitError(
          'internal',
          `checkGradients: "${name}"[${element}]: expected ${expected} by finite differences, got ${gradient[element]} ` +
            `(relative difference ${difference.toExponential(1)}, allowed ${tolerance})`,
        );
      }
      worst = Math.max(worst, difference);
    }
  }
  return worst;
}
