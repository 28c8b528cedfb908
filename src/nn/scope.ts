// Where layers get their parameters and noise from: a scope prefixes names (`encoder.0.weight`) and hands out the same
// parameter for the same name, so that a network may be applied twice in one graph. It also collects what a training step
// leaves in its state.

import { LatentkitError } from '../errors.ts';
import {
  equalShapes,
  type Initial,
  type NoiseDistribution,
  noise,
  type ParameterAttributes,
  type ParameterRole,
  parameter,
  type Shape,
  type Tensor,
} from '../graph/index.ts';
import { stopGradient } from '../ops/index.ts';

/** What a layer or another part of a model builds with. */
export interface Scope {
  /** Whether the graph is for training: dropout and its like act only then. */
  readonly training: boolean;
  /** The trainable tensor of this name in this scope; asked for again, the same tensor. */
  parameter(name: string, shape: readonly number[], initial: Initial): Tensor;
  /** As `parameter`, of a tensor that no gradient changes: a training step sets it by `update`. */
  state(name: string, shape: readonly number[], initial: Initial): Tensor;
  /**
   * Says what a training step leaves in a state; without a gradient. Only what is said first counts, so that a network that
   * is applied again, to other things than the batch, does not change its statistics. Outside training nothing happens.
   */
  update(state: Tensor, next: Tensor): void;
  /** Fresh random numbers: asked for again, other numbers. */
  noise(name: string, shape: Shape, distribution: NoiseDistribution): Tensor;
  /** A scope whose names are prefixed with `name.`. */
  child(name: string): Scope;
  /** The same as a child whose parameters have the role `adversary`. */
  adversary(name: string): Scope;
}

/** The scope of one graph, and the parameters that were asked for in it, in that order. */
export class RootScope implements Scope {
  readonly training: boolean;
  readonly #parameters = new Map<string, { readonly tensor: Tensor; readonly attributes: ParameterAttributes }>();
  readonly #noises = new Map<string, number>();
  readonly #updates = new Map<Tensor, Tensor>();

  constructor({ training }: { readonly training: boolean }) {
    this.training = training;
  }

  /** All parameters so far: the model's, the adversary's, the state; each in the order in which they were asked for. */
  get parameters(): ParameterAttributes[] {
    return this.#entries.map(entry => entry.attributes);
  }

  /** The tensors of `parameters`, in the same order. */
  get tensors(): Tensor[] {
    return this.#entries.map(entry => entry.tensor);
  }

  get #entries() {
    const known = [...this.#parameters.values()];
    return roles.flatMap(role => known.filter(({ attributes }) => attributes.role === role));
  }

  /** What a training step leaves in each state, by name. */
  get updates(): Readonly<Record<string, Tensor>> {
    const known = [...this.#parameters.values()];
    return Object.fromEntries(
      known.flatMap(({ tensor, attributes }) => {
        const next = this.#updates.get(tensor);
        return next ? [[attributes.name, next]] : [];
      }),
    );
  }

  parameter(name: string, shape: readonly number[], initial: Initial, role: ParameterRole = 'model'): Tensor {
    const known = this.#parameters.get(name);
    if (known === undefined) {
      const attributes = { name, shape, initial, role };
      const tensor = parameter(name, shape, initial, role);
      this.#parameters.set(name, { tensor, attributes });
      return tensor;
    }
    if (equalShapes(known.attributes.shape, shape)) return known.tensor;
    throw new LatentkitError(
      'internal',
      `the parameter "${name}" was asked for as [${known.attributes.shape.join(', ')}] and as [${shape.join(', ')}]`,
    );
  }

  state(name: string, shape: readonly number[], initial: Initial): Tensor {
    return this.parameter(name, shape, initial, 'state');
  }

  update(state: Tensor, next: Tensor): void {
    if (!this.training || this.#updates.has(state)) return;
    if (!equalShapes(state.shape, next.shape)) {
      throw new LatentkitError(
        'internal',
        `a state of [${state.shape.join(', ')}] cannot become [${next.shape.join(', ')}]`,
      );
    }
    this.#updates.set(state, next);
  }

  noise(name: string, shape: Shape, distribution: NoiseDistribution): Tensor {
    const count = this.#noises.get(name) ?? 0;
    this.#noises.set(name, count + 1);
    return noise(count === 0 ? name : `${name}.${count}`, shape, distribution);
  }

  child(name: string): Scope {
    return childScope(this, name, 'model');
  }

  adversary(name: string): Scope {
    return childScope(this, name, 'adversary');
  }
}

const roles: readonly ParameterRole[] = ['model', 'adversary', 'state'];

function childScope(root: RootScope, prefix: string, role: ParameterRole): Scope {
  return {
    training: root.training,
    parameter: (name, shape, initial) => root.parameter(`${prefix}.${name}`, shape, initial, role),
    state: (name, shape, initial) => root.state(`${prefix}.${name}`, shape, initial),
    update: (state, next) => root.update(state, next),
    noise: (name, shape, distribution) => root.noise(`${prefix}.${name}`, shape, distribution),
    child: name => childScope(root, `${prefix}.${name}`, role),
    adversary: name => childScope(root, `${prefix}.${name}`, 'adversary'),
  };
}

/** A scope of the same parameters, which no gradient reaches; it changes no state. */
export function holding(scope: Scope): Scope {
  return {
    training: scope.training,
    parameter: (...about) => stopGradient(scope.parameter(...about)),
    state: (...about) => scope.state(...about),
    update: () => undefined,
    noise: (...about) => scope.noise(...about),
    child: name => holding(scope.child(name)),
    adversary: name => holding(scope.adversary(name)),
  };
}
