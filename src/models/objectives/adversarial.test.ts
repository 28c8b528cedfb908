// Adversarial objectives: each side's gradient is that of its own loss, written out here without anything held.

import { describe, expect, it } from 'vitest';
import { grad } from '../../autodiff/index.ts';
import { graph, input, type Tensor } from '../../graph/index.ts';
import { buildNetwork, conv2d, dense, flatten, type Layer, layerNorm, leakyRelu, RootScope } from '../../nn/index.ts';
import { add, mul, neg, softplus, square, sub, sum } from '../../ops/index.ts';
import { Assembly } from '../assembly.ts';
import { buildModel, type ModelOptions, presets, vae } from '../index.ts';
import { adversaryOptimizer } from './index.ts';
import type { Inference } from './objective.ts';
import { gradients, latent, modelWith, rows, stepFeeds, values } from './testing.ts';

const critic = { layers: 2, hidden: 4, learningRate: 1e-3 };
const codeLayers: Layer[] = [dense(4), leakyRelu(), dense(4), leakyRelu(), dense(1)];

interface Sides {
  readonly model: Tensor;
  readonly critic: Tensor;
}

/** Checks a step's gradients against those of both sides' losses, of which each is that of its own parameters alone. */
function expectSides(
  options: Parameters<typeof modelWith>,
  sides: (inference: Inference, network: (layers: readonly Layer[], name: string) => (x: Tensor) => Tensor) => Sides,
  more: (feeds: ReturnType<typeof stepFeeds>) => ReturnType<typeof stepFeeds> = () => ({}),
): void {
  const model = modelWith(...options);
  const feeds = stepFeeds(model);
  const got = gradients(values(model.stepGraph(), feeds));
  const scope = new RootScope({ training: true });
  const inference = new Assembly(model.spec, scope).infer({ binarize: true });
  const adversary = scope.adversary('objective');
  const losses = sides(inference, (layers, name) => x => buildNetwork(layers, x, { name, scope: adversary }));
  const expected: Record<string, number[]> = {};
  for (const [role, loss] of [
    ['model', losses.model],
    ['adversary', losses.critic],
  ] as const) {
    const own = scope.parameters.map(({ role, name }, i) => ({ role, name, tensor: scope.tensors[i]! }));
    const of = own.filter(parameter => parameter.role === role);
    const derivatives = grad(
      loss,
      of.map(({ tensor }) => tensor),
    ).map((g, i) => [of[i]!.name, g] as const);
    Object.assign(expected, values(graph(Object.fromEntries(derivatives)), { ...feeds, ...more(feeds) }));
  }
  expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, list] of Object.entries(expected)) {
    list.forEach((value, i) => {
      expect(got[name]![i], name).toBeCloseTo(value, 9);
    });
    expect(Math.max(...list.map(Math.abs)), name).toBeGreaterThan(0);
  }
}

const crossEntropy = (real: Tensor, made: Tensor): Tensor => add(sum(softplus(neg(real))), sum(softplus(made)));

it('FactorVAE charges the critic’s logit, and the critic tells codes from those drawn apart', () => {
  const objective = { type: 'factorVae', gamma: 3, critic } as const;
  expectSides(
    [objective],
    ({ posterior, prior, logLikelihood }, network) => {
      const judge = network(codeLayers, 'critic');
      const z = posterior.sample();
      const bound = sub(sum(prior.kl(posterior, z)), sum(logLikelihood(z)));
      const apart = input('apart', ['N', latent]);
      return {
        model: add(bound, mul(3, sum(judge(z)))),
        critic: mul(0.5, crossEntropy(judge(z), judge(apart))),
      };
    },
    feeds => {
      const model = modelWith(objective);
      const scope = new RootScope({ training: true });
      const z = values(
        graph({ z: new Assembly(model.spec, scope).infer({ binarize: true }).posterior.sample() }),
        feeds,
      ).z!;
      const uniform = feeds['objective.rows']!.data;
      const data = Array.from(uniform, (u, i) => z[Math.floor(u * rows) * latent + (i % latent)]!);
      return { apart: { shape: [rows, latent], data } };
    },
  );
});

it('the adversarial autoencoder makes codes that pass for the prior’s', () => {
  expectSides([{ type: 'aae', weight: 3, critic }], ({ posterior, prior, logLikelihood }, network) => {
    const judge = network(codeLayers, 'critic');
    const z = posterior.sample();
    const passed = sum(softplus(neg(judge(z))));
    return { model: sub(mul(3, passed), sum(logLikelihood(z))), critic: crossEntropy(judge(prior.sample()), judge(z)) };
  });
});

describe('VAE-GAN', () => {
  const objective = { type: 'vaeGan', gamma: 0.7, klWeight: 2, critic } as const;
  const input: ModelOptions['input'] = [8, 8, 1];

  it('has a loss for each of encoder, decoder and critic', () => {
    const layers: Layer[] = [conv2d(16, { kernel: 4, stride: 2, padding: 1 }), leakyRelu()];
    const whole: Layer[] = [
      ...layers,
      conv2d(32, { kernel: 4, stride: 2, padding: 1 }),
      leakyRelu(),
      layerNorm({ affine: false }),
    ];
    const judged: Layer[] = [flatten(), dense(4), leakyRelu(), dense(1)];
    const model = modelWith(objective, { input });
    const feeds = stepFeeds(model);
    const got = gradients(values(model.stepGraph(), feeds));
    const scope = new RootScope({ training: true });
    const { posterior, prior, expected, data } = new Assembly(model.spec, scope).infer({ binarize: true });
    const adversary = scope.adversary('objective');
    const features = (x: Tensor) => buildNetwork(whole, x, { name: 'features', scope: adversary });
    const verdict = (x: Tensor) => buildNetwork(judged, features(x), { name: 'critic', scope: adversary });
    const z = posterior.sample();
    const again = mul(0.5, sum(square(sub(features(expected(z)), features(data)))));
    const made = [verdict(expected(z)), verdict(expected(prior.sample()))] as const;
    const passed = add(sum(softplus(neg(made[0]))), sum(softplus(neg(made[1]))));
    const losses = {
      encoder: add(mul(2, sum(prior.kl(posterior, z))), again),
      decoder: add(mul(0.7, again), passed),
      objective: add(crossEntropy(verdict(data), made[0]), sum(softplus(made[1]))),
    };
    for (const [part, loss] of Object.entries(losses)) {
      const own = scope.parameters.flatMap(({ name }, i) =>
        name.replace('posterior', 'encoder').startsWith(part) ? [{ name, tensor: scope.tensors[i]! }] : [],
      );
      const derivatives = grad(
        loss,
        own.map(({ tensor }) => tensor),
      ).map((g, i) => [own[i]!.name, g] as const);
      const list = Object.entries(values(graph(Object.fromEntries(derivatives)), feeds));
      expect(list.length).toBeGreaterThan(0);
      for (const [name, numbers] of list) {
        numbers.forEach((value, i) => {
          expect(got[name]![i], name).toBeCloseTo(value, 8);
        });
      }
    }
  });

  it('takes vectors and small images, and draws for a condition', () => {
    for (const parts of [{ input: [5] }, { input: [2, 3, 2] }] satisfies Partial<ModelOptions>[]) {
      const step = modelWith(objective, parts);
      for (const list of Object.values(values(step.stepGraph(), stepFeeds(step))))
        expect(list.every(Number.isFinite)).toBe(true);
    }
    const told = modelWith(objective, { condition: { type: 'label', classes: 3, hidden: 4 } });
    for (const list of Object.values(values(told.stepGraph(), stepFeeds(told))))
      expect(list.every(Number.isFinite)).toBe(true);
  });
});

it('a critic has an optimiser of its own; other objectives have none', () => {
  const { objective } = presets['factor-vae'].build();
  expect(adversaryOptimizer(objective)).toMatchObject({ type: 'adam', learningRate: 2e-4, beta1: 0.5, beta2: 0.9 });
  expect(
    adversaryOptimizer(vae({ input: [4], latent: 2, encoder: [], decoder: [dense('output')] }).objective),
  ).toBeUndefined();
  const roles = buildModel(presets['factor-vae'].build()).parameters.map(({ role }) => role);
  expect(roles.lastIndexOf('model')).toBe(roles.indexOf('adversary') - 1);
});
