// What is inferred: p(z | y) up to its constant, y being the part of a row that was seen, or a noisy row. One graph serves
// all chains of all rows at once: state [N, dimensions] with N = rows · chains.
//
// What was not seen is NaN in y. In a likelihood that is a product over numbers, its factors integrate to 1, so log p(y|z)
// is exactly the sum over what was seen. Where the level of the noise is not known, it is one more coordinate of the state.

import { grad } from '../autodiff/index.ts';
import { normal, sumPerExample } from '../distributions/index.ts';
import { constant, type Graph, graph, input, noise, type Tensor } from '../graph/index.ts';
import { type Joint, jointOf, type ModelSpec } from '../models/index.ts';
import { add, broadcastTo, cast, isNan, less, log, mul, reshape, select, slice, sub, sum } from '../ops/index.ts';
import { type Explained, type Noise, type NoiseDefinition, noises } from './noise.ts';

/**
 * An unknown level is link(typical + `levelUnit` · coordinate): as many numbers as an image has tell it to a few
 * hundredths, so that the coordinate's posterior is about as wide as a code's.
 */
const levelUnit = 0.05;

/** The prior's deviation of that coordinate: a factor of e^1.5 either way. */
const levelDeviation = 1.5 / levelUnit;

/** What is asked of states; `Engine` runs it. */
export type GraphName = 'gradient' | 'restored' | 'refilled' | 'gibbs';

/**
 * The graphs over `state` and `y` [N, ...shape], of float32 on the scale of [0, 1]; with them a conditional model is fed
 * the condition, and a known level stands in `level` [N].
 * - `gradient`: `logJoint` = log p(y|z) + log p(z) [N] and its `gradient` by the state
 * - `restored`: the row that is expected given y and z, its `variance`, and `logLikelihood` = log p(y|z) [N]
 * - `refilled`: the encoder's answer `z` [N, latent] to that row
 * - `gibbs`: a step of the chain that gibbs.ts describes
 */
export function targetGraphs(spec: ModelSpec, observed?: Noise): Readonly<Record<GraphName, () => Graph>> {
  const joint = jointOf(spec);
  const definition = observed && noises[observed.type];
  const unknown = levelIsUnknown(observed);
  const state = input('state', ['N', spec.latent + Number(unknown)]);
  const y = input('y', ['N', ...spec.input.shape]);
  const coordinate = unknown ? slice(state, 1, spec.latent) : undefined;
  const level = definition && levelIn(definition, coordinate, spec.input.shape.length);
  const code = unknown ? slice(state, 1, 0, spec.latent) : state;
  const target = { joint, spec, y, definition, level };
  const levelPrior =
    coordinate && sumPerExample(normal(constant(0), { deviation: levelDeviation }).logProb(coordinate));
  const logJoint = (z: Tensor): Tensor => {
    const own = add(logLikelihood(target, z), joint.logPrior(z));
    return levelPrior ? add(own, levelPrior) : own;
  };
  const refilled = (z: Tensor) => joint.encode(joint.fromUnit(restoredOf(target, z).mean));
  return {
    gradient() {
      const p = logJoint(code);
      return graph({ logJoint: p, gradient: grad(sum(p), [state])[0]! });
    },
    restored: () =>
      graph({
        ...restoredOf(target, code),
        logLikelihood: logLikelihood(target, code),
        ...(level && { noiseLevel: reshape(level, ['N']) }),
      }),
    refilled: () => graph({ z: refilled(code).mean }),
    gibbs() {
      const forward = refilled(code);
      const proposed = forward.sample();
      const backward = refilled(proposed);
      const [before, after] = [logJoint(code), logJoint(proposed)];
      const ratio = add(sub(after, before), sub(backward.logProb(code), forward.logProb(proposed)));
      const accepted = less(log(noise('accept', ['N'], 'uniform')), ratio);
      return graph({
        next: select(reshape(accepted, ['N', 1]), proposed, code),
        logJoint: select(accepted, after, before),
        accepted: cast(accepted, 'float32'),
        proposed,
        proposedLogJoint: after,
      });
    },
  };
}

/** Whether the level of the noise is one more thing to infer. */
export function levelIsUnknown(observed: Noise | undefined): boolean {
  return observed !== undefined && observed.level === undefined;
}

interface Parts {
  readonly joint: Joint;
  readonly spec: ModelSpec;
  readonly y: Tensor;
  readonly definition: NoiseDefinition | undefined;
  /** [N, 1, ...]. */
  readonly level: Tensor | undefined;
}

/** The level as it stands in the state, or as it is fed: [N, 1, ...], with as many axes as rows have. */
function levelIn(definition: NoiseDefinition, coordinate: Tensor | undefined, axes: number): Tensor {
  const level = coordinate
    ? definition.link(add(mul(coordinate, levelUnit), definition.inverse(definition.typical)))
    : input('level', ['N']);
  return reshape(level, ['N', ...Array<number>(axes).fill(1)]);
}

/** log p(y|z) in nats: [N]. */
function logLikelihood({ joint, y, definition, level }: Parts, z: Tensor): Tensor {
  const x = joint.fromUnit(y);
  const missing = isNan(x);
  const seen = select(missing, 0, x);
  const expected = joint.decode(z);
  // Of a noisy row a missing number is what a missing number of a clean one is: its factor is left out.
  const terms = definition && level ? definition.logProb(seen, expected as Explained, level) : expected.logProb(seen);
  return sumPerExample(select(missing, 0, terms));
}

/** E[x|y, z] and its deviation, in the shape of rows: what was seen as it was seen or, where that is noisy, restored. */
function restoredOf({ joint, spec, y, definition, level }: Parts, z: Tensor): { mean: Tensor; variance: Tensor } {
  const { mean, variance, ...rest } = joint.decode(z);
  const whole = ['N', ...spec.input.shape] as const;
  const missing = isNan(y);
  const own = joint.toUnit(mean);
  const spread = variance === undefined ? undefined : joint.toUnit(broadcastTo(variance, mean.shape));
  if (definition === undefined || level === undefined || spread === undefined) {
    return {
      mean: select(missing, own, y),
      variance: spread ? select(missing, spread, 0) : broadcastTo(mul(0, own), whole),
    };
  }
  const x: Explained = { ...rest, mean, variance: broadcastTo(variance!, mean.shape) };
  const seen = joint.fromUnit(select(missing, 0, y));
  const restored = definition.restored(seen, x, level);
  return {
    mean: select(missing, own, joint.toUnit(restored.mean)),
    variance: select(missing, spread, joint.toUnit(restored.variance)),
  };
}
