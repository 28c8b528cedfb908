// vae: a second VAE on the codes of the first, with as many latents (Dai and Wipf 2019, "Diagnosing and Enhancing VAE
// Models", section 5). Its normal likelihood has a learned variance, and its data have no directions without any spread:
// so its own aggregated posterior comes close to its prior, from where u ~ N(0, I), z ~ p(z|u) leads to the codes.

import { arrayDataset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { graph, parameter } from '../graph/index.ts';
import { buildModel, type ModelSpec, TrainedVae, vae } from '../models/index.ts';
import { logVarRange, softClip } from '../models/likelihoods/soft-clip.ts';
import type { SecondStageSampler } from '../models/sampler.ts';
import { dense, relu } from '../nn/index.ts';
import { exp, mul } from '../ops/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { fit } from '../train/index.ts';
import { normals } from './noise.ts';
import { defineSampler, type SamplerDefinition, type Tensors } from './sampler.ts';

/** Epochs without a better validation bound, after which the fit ends. */
const patience = 10;

export const secondStage: SamplerDefinition<SecondStageSampler> = defineSampler<SecondStageSampler>({
  type: 'vae',
  tempered: true,
  async fit(spec, { latent, train, validation }, { vae: { runtime }, seed, signal, progress }) {
    const [codes, held] = [train, validation].map(data => arrayDataset({ name: 'codes', data, shape: [latent] }));
    const { epochs } = spec;
    const run = await fit(
      secondModel(spec, latent),
      { train: codes!, validation: held!, test: held! },
      {
        ...{ epochs, patience, seed, runtime, signal, doctor: 'off' },
        batchSize: Math.min(128, codes!.size),
        optimizer: { type: 'adam', learningRate: 2e-3 },
        schedule: { type: 'cosine' },
        onEpoch: ({ epoch }) => progress?.(epoch / epochs),
      },
    );
    await run.vae.dispose();
    signal?.throwIfAborted();
    return run.vae.parameters;
  },
  shapes: (spec, latent) =>
    Object.fromEntries(buildModel(secondModel(spec, latent)).parameters.map(({ name, shape }) => [name, shape])),
  open(spec, tensors, { model, runtime }) {
    const { latent } = model.spec;
    const second = new TrainedVae(buildModel(secondModel(spec, latent)), tensors, runtime);
    const deviation = deviationOf(tensors);
    return {
      async draw(count, { seed, temperature }) {
        const { mean } = await second.run('decoder', await second.drawLatents(count, { seed, temperature }));
        const noise = normals(count * latent, { seed, stream: 'samplers/vae' });
        return mean!.data.map((value, i) => value + temperature * deviation * noise[i]!);
      },
      dispose: () => second.dispose(),
    };
  },
});

/** The second VAE. It sees codes as they are: a range of [0, 1] is no change of scale. */
function secondModel({ hidden }: SecondStageSampler, latent: number): ModelSpec {
  const layers = [dense(hidden), relu(), dense(hidden), relu()];
  return vae({ input: [latent], latent, encoder: layers, decoder: [...layers, dense('output')], likelihood: 'normal' });
}

/** The standard deviation of p(z|u), one for all dimensions. */
function deviationOf({ 'likelihood.logVar': learned }: Tensors): number {
  if (learned === undefined) throw new LatentkitError('internal', 'a second-stage VAE without a variance');
  const logVar = softClip(parameter('logVar', [1], { type: 'constant', value: 0 }), logVarRange);
  return evaluateReference(graph({ deviation: exp(mul(0.5, logVar)) }), { logVar: learned }).deviation!.data[0]!;
}
