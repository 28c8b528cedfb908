// Where layers get their parameters and noise from: a scope prefixes names (`encoder.0.weight`) and hands out the same
// parameter for the same name, so that a network may be applied twice in one graph.

import { LatentkitError } from '../errors.ts';
import {
  equalShapes,
  type Initial,
  type NoiseDistribution,
  noise,
  type ParameterAttributes,
  parameter,
  type Shape,
  type Tensor,
} from '../graph/index.ts';

/** What a layer or another part of a model builds with. */
export interface Scope {
  /** Whether the graph is for training: dropout and its like act only then. */
  readonly training: boolean;
  /** The trainable tensor of this name in this scope; asked for again, the same tensor. */
  parameter(name: string, shape: readonly number[], initial: Initial): Tensor;
  /** Fresh random numbers: asked for again, other numbers. */
  noise(name: string, shape: Shape, distribution: NoiseDistribution): Tensor;
  /** A scope whose names are prefixed with `name.`. */
  child(name: string): Scope;
}

/** The scope of one graph, and the parameters that were asked for in it, in that order. */
export class RootScope implements Scope {
  readonly training: boolean;
  readonly #parameters = new Map<string, { readonly tensor: Tensor; readonly attributes: ParameterAttributes }>();
  readonly #noises = new Map<string, number>();

  constructor({ training }: { readonly training: boolean }) {
    this.training = training;
  }

  /** All parameters so far, in the order in which they were first asked for. */
  get parameters(): ParameterAttributes[] {
    return [...this.#parameters.values()].map(entry => entry.attributes);
  }

  /** The tensors of `parameters`, in the same order. */
  get tensors(): Tensor[] {
    return [...this.#parameters.values()].map(entry => entry.tensor);
  }

  parameter(name: string, shape: readonly number[], initial: Initial): Tensor {
    const known = this.#parameters.get(name);
    if (known === undefined) {
      const attributes = { name, shape, initial };
      const tensor = parameter(name, shape, initial);
      this.#parameters.set(name, { tensor, attributes });
      return tensor;
    }
    if (equalShapes(known.attributes.shape, shape)) return known.tensor;
    throw new LatentkitError(
      'internal',
      `the parameter "${name}" was asked for as [${known.attributes.shape.join(', ')}] and as [${shape.join(', ')}]`,
    );
  }

  noise(name: string, shape: Shape, distribution: NoiseDistribution): Tensor {
    const count = this.#noises.get(name) ?? 0;
    this.#noises.set(name, count + 1);
    return noise(count === 0 ? name : `${name}.${count}`, shape, distribution);
  }

  child(name: string): Scope {
    return childScope(this, name);
  }
}

function childScope(root: RootScope, prefix: string): Scope {
  return {
    training: root.training,
    parameter: (name, shape, initial) => root.parameter(`${prefix}.${name}`, shape, initial),
    noise: (name, shape, distribution) => root.noise(`${prefix}.${name}`, shape, distribution),
    child: name => childScope(root, `${prefix}.${name}`),
  };
}
