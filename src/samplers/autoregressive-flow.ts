// maf: a masked autoregressive flow (Papamakarios et al. 2017, "Masked Autoregressive Flow for Density Estimation",
// equations 3–5). One map is uᵢ = (xᵢ − μᵢ) exp(−αᵢ), with μᵢ and αᵢ functions of the dimensions before i; from codes
// to N(0, I) it takes one pass of a masked network, and log |det| = −Σ α. The order is reversed between maps.

import { normal, sumPerExample } from '../distributions/index.ts';
import { constant, graph, input, type Tensor } from '../graph/index.ts';
import type { FlowSampler } from '../models/sampler.ts';
import { degreeMask, RootScope, type Scope, weightInitial } from '../nn/index.ts';
import { add, exp, matmul, mul, neg, relu, sub, tanh } from '../ops/index.ts';
import { float32, type Program } from '../runtime/index.ts';
import { maximizeLikelihood } from './maximum-likelihood.ts';
import { normals } from './noise.ts';
import { defineSampler, type SamplerDefinition, type Tensors } from './sampler.ts';

export const autoregressiveFlow: SamplerDefinition<FlowSampler> = defineSampler<FlowSampler>({
  type: 'maf',
  tempered: true,
  fit: ({ epochs, layers, hidden }, codes, context) =>
    maximizeLikelihood((z, scope) => flow({ layers, hidden, latent: codes.latent }, scope).logProb(z), codes, {
      ...context,
      epochs,
    }),
  shapes({ layers, hidden }, latent) {
    const scope = new RootScope({ training: false });
    flow({ layers, hidden, latent }, scope).logProb(input('x', ['N', latent]));
    return Object.fromEntries(scope.parameters.map(({ name, shape }) => [name, shape]));
  },
  open({ layers, hidden }, tensors, { runtime, model }) {
    const { latent } = model.spec;
    const { logProb, maps } = flow({ layers, hidden, latent }, new RootScope({ training: false }));
    const [x, u] = [input('x', ['N', latent]), input('u', ['N', latent])];
    return {
      async logProb(codes) {
        const program = await runtime.compile(graph({ logProb: logProb(x) }));
        const out = await program.run({ ...tensors, x: float32(codes, [codes.length / latent, latent]) });
        await program.dispose();
        return Float64Array.from(out.logProb!.data);
      },
      async draw(count, { seed, temperature }) {
        const noise = normals(count * latent, { seed, stream: 'samplers/maf' });
        let codes: Float32Array = noise.map(value => value * temperature);
        for (const { back, order } of maps.toReversed()) {
          const pass = await runtime.compile(graph({ next: back(x, u) }));
          codes = await invert(pass, codes, order, tensors);
          await pass.dispose();
        }
        return codes;
      },
    };
  },
});

/** The codes x that a map takes to `u`, one dimension after another in the map's order: each needs those before it. */
async function invert(pass: Program, u: Float32Array, order: readonly number[], tensors: Tensors) {
  const latent = order.length;
  const shape = [u.length / latent, latent];
  const [x, next] = [float32(new Float32Array(u.length), shape), float32(new Float32Array(u.length), shape)];
  const feeds = { ...tensors, x, u: float32(u, shape) };
  for (const dimension of order) {
    await pass.run(feeds, { next });
    for (let at = dimension; at < u.length; at += latent) x.data[at] = next.data[at]!;
  }
  return x.data;
}

interface Size {
  readonly layers: number;
  readonly hidden: number;
  readonly latent: number;
}

interface AutoregressiveMap {
  /** The dimensions, each after those that it depends on. */
  readonly order: readonly number[];
  /** From codes to the normal's side, and the log-determinant of that, [N]. */
  forth(x: Tensor): { readonly u: Tensor; readonly logDeterminant: Tensor };
  /** u ⊙ exp(α(x)) + μ(x): in dimension i the code that `forth` takes to u, where x is it in the dimensions before i. */
  back(x: Tensor, u: Tensor): Tensor;
}

/** The flow in one graph, with its maps in the order from codes to N(0, I), where it starts as the identity. */
export function flow(
  { layers, hidden, latent }: Size,
  scope: Scope,
): { readonly maps: readonly AutoregressiveMap[]; logProb(x: Tensor): Tensor } {
  const maps = Array.from({ length: layers }, (_, i) =>
    autoregressiveMap({ hidden, latent, reversed: i % 2 === 1 }, scope.child(`maps.${i}`)),
  );
  return {
    maps,
    /** log p(x) in nats for codes [N, latent]: [N]. */
    logProb(x) {
      let [u, logDeterminant]: [Tensor, Tensor] = [x, constant(0)];
      for (const map of maps) {
        const next = map.forth(u);
        u = next.u;
        logDeterminant = add(logDeterminant, next.logDeterminant);
      }
      return add(sumPerExample(normal(constant(0), { deviation: 1 }).logProb(u)), logDeterminant);
    },
  };
}

/** What the size of α stays below: in float32 a map that shrinks by more than e³ could not be inverted to five digits. */
const widest = 3;

function autoregressiveMap(
  { hidden, latent, reversed }: { readonly hidden: number; readonly latent: number; readonly reversed: boolean },
  scope: Scope,
): AutoregressiveMap {
  const dims = Array.from({ length: latent }, (_, i) => (reversed ? latent - i : i + 1));
  const units = Array.from({ length: hidden }, (_, k) => k % latent);
  const dense = (name: string, mask: Tensor, initializer: 'heUniform' | 'zeros'): ((x: Tensor) => Tensor) => {
    const [fanIn, fanOut] = mask.shape as [number, number];
    const weight = scope.parameter(`${name}.weight`, [fanIn, fanOut], weightInitial(initializer, { fanIn, fanOut }));
    const bias = scope.parameter(`${name}.bias`, [fanOut], { type: 'constant', value: 0 });
    return x => add(matmul(x, mul(weight, mask)), bias);
  };
  const first = dense('first', degreeMask(dims, units, 'upTo'), 'heUniform');
  const second = dense('second', degreeMask(units, units, 'upTo'), 'heUniform');
  const head = degreeMask(units, dims, 'below');
  const [shift, scale] = [dense('shift', head, 'zeros'), dense('logScale', head, 'zeros')];
  const heads = (x: Tensor): { readonly mu: Tensor; readonly alpha: Tensor } => {
    const features = relu(second(relu(first(x))));
    return { mu: shift(features), alpha: mul(widest, tanh(scale(features))) };
  };
  return {
    order: dims.map((_, i) => (reversed ? latent - 1 - i : i)),
    forth(x) {
      const { mu, alpha } = heads(x);
      return { u: mul(sub(x, mu), exp(neg(alpha))), logDeterminant: neg(sumPerExample(alpha)) };
    },
    back(x, u) {
      const { mu, alpha } = heads(x);
      return add(mul(u, exp(alpha)), mu);
    },
  };
}
