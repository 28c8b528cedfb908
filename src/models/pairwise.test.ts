// Any part with any part of another kind: the model builds and takes ten finite steps, or the spec is refused with a reason.
// The tables of this file are typed by the unions of parts: one that is missing does not compile.

import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { nodeRuntime } from '../runtime/node.ts';
import {
  buildModel,
  type Condition,
  type Corruption,
  type Likelihood,
  type ModelOptions,
  type Objective,
  type Posterior,
  type Prior,
  vae,
} from './index.ts';
import { stepFeeds } from './objectives/testing.ts';
import { toHost } from './testing.ts';

type Parts = Partial<ModelOptions>;
type Table<Name extends string> = Readonly<Record<Name, Parts>>;

const level = { latent: 1, hidden: 3 };
const codebook = { type: 'vectorQuantized', codes: 3, width: 1, commitment: 0.3, decay: 0.9, revive: 0.1 } as const;
const choices = { type: 'gumbelSoftmax', categories: [2], temperature: 0.7 } as const;
const critic = { layers: 1, hidden: 4, learningRate: 1e-3 };

const likelihoods: Table<Likelihood['type']> = {
  bernoulli: { likelihood: 'bernoulli' },
  continuousBernoulli: { likelihood: 'continuousBernoulli' },
  normal: { likelihood: 'normal' },
  laplace: { likelihood: 'laplace' },
  studentT: { likelihood: 'studentT' },
  logCosh: { likelihood: 'logCosh' },
  msSsim: { likelihood: 'msSsim' },
  categorical: { likelihood: 'categorical' },
  discretizedLogistic: { likelihood: 'discretizedLogistic' },
  betaBinomial: { likelihood: 'betaBinomial' },
  poisson: { likelihood: 'poisson' },
  negativeBinomial: { likelihood: 'negativeBinomial' },
  mixed: { likelihood: 'mixed' },
};

/** With the prior, and the size of the code, that a posterior needs. */
const posteriors: Table<Posterior['type']> = {
  diagonalGaussian: { posterior: 'diagonalGaussian' },
  fullGaussian: { posterior: 'fullGaussian' },
  planar: { posterior: { type: 'planar', steps: 2 } },
  radial: { posterior: { type: 'radial', steps: 2 } },
  iaf: { posterior: { type: 'iaf', steps: 2, hidden: 4 } },
  ladder: { posterior: { type: 'ladder', levels: [level, level] }, prior: 'ladder', latent: 2 },
  vonMisesFisher: { posterior: 'vonMisesFisher', prior: 'uniformSphere' },
  gumbelSoftmax: { posterior: choices, prior: 'normalCategorical', latent: 4 },
  vectorQuantized: { posterior: codebook, prior: 'uniformCodes' },
  deterministic: { posterior: 'deterministic' },
};

const priors: Table<Prior['type']> = {
  standardNormal: { prior: 'standardNormal' },
  conditionalNormal: { prior: 'conditionalNormal', condition: { type: 'label', classes: 3, hidden: 4 } },
  gaussianMixture: { prior: { type: 'gaussianMixture', components: 3 } },
  vamp: { prior: { type: 'vamp', components: 3 } },
  realNvp: { prior: { type: 'realNvp', layers: 2, hidden: 4 } },
  ladder: { prior: 'ladder', posterior: { type: 'ladder', levels: [level, level] }, latent: 2 },
  uniformSphere: { prior: 'uniformSphere', posterior: 'vonMisesFisher' },
  normalCategorical: { prior: 'normalCategorical', posterior: choices, latent: 4 },
  uniformCodes: { prior: 'uniformCodes', posterior: codebook },
  autoregressive: { prior: { type: 'autoregressive', layers: 1, hidden: 4, heads: 2 }, posterior: codebook },
};

const objectives: Table<Objective['type']> = {
  elbo: { objective: { klWeight: 2 } },
  capacity: { objective: 'capacity' },
  jointCapacity: { objective: 'jointCapacity', posterior: choices, prior: 'normalCategorical', latent: 4 },
  betaTc: { objective: 'betaTc' },
  factorVae: { objective: { type: 'factorVae', critic } },
  dipVae: { objective: 'dipVae' },
  infoVae: { objective: 'infoVae' },
  wae: { objective: 'wae' },
  aae: { objective: { type: 'aae', critic } },
  vaeGan: { objective: { type: 'vaeGan', critic } },
  iwae: { objective: { type: 'iwae', samples: 3 } },
  miwae: { objective: { type: 'miwae', samples: 2, estimates: 2 } },
  ciwae: { objective: { type: 'ciwae', samples: 3 } },
  piwae: { objective: { type: 'piwae', samples: 2, estimates: 2 } },
  rae: { objective: 'rae', posterior: 'deterministic' },
};

const conditions: Table<Condition['type'] | 'none'> = {
  none: {},
  label: { condition: { type: 'label', classes: 3, hidden: 4 } },
  attributes: { condition: { type: 'attributes', width: 2, hidden: 4 } },
  semiSupervised: { condition: { type: 'semiSupervised', classes: 3, hidden: 4 } },
};

const corruptions: Table<Corruption['type'] | 'none'> = {
  none: {},
  gaussian: { corruption: { type: 'gaussian', deviation: 0.3 } },
  mask: { corruption: { type: 'mask', rate: 0.3 } },
  speckle: { corruption: { type: 'speckle', deviation: [0.1, 0.5] } },
  poisson: { corruption: { type: 'poisson', photons: 20 } },
  saltAndPepper: { corruption: { type: 'saltAndPepper', rate: [0.1, 0.4] } },
  blur: { corruption: { type: 'blur', deviation: 1 } },
  jpeg: { corruption: { type: 'jpeg', quality: [10, 90] } },
};

const binarizations: Table<NonNullable<ModelOptions['binarization']>> = {
  none: {},
  static: { binarization: 'static' },
  dynamic: { binarization: 'dynamic' },
};

const inputs: Table<'image' | 'vector'> = {
  image: { input: [11, 11, 1], encoder: [flatten(), dense(4), tanh()] },
  vector: { input: [5], encoder: [dense(4), tanh()] },
};

const kinds = { likelihoods, posteriors, priors, objectives, conditions, corruptions, binarizations, inputs };
const base: ModelOptions = {
  input: [11, 11, 1],
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense('output')],
};

type Kind = keyof typeof kinds;
const pairs = (Object.keys(kinds) as Kind[]).flatMap((one, i) =>
  (Object.keys(kinds) as Kind[]).slice(i + 1).flatMap(other => [{ one, other }]),
);

/** Ten plain steps, of which everything must be finite. */
async function takesTenSteps(options: ModelOptions): Promise<void> {
  const model = buildModel(vae(options));
  const step = model.stepGraph();
  const program = await (await nodeRuntime({ threads: 1 })).compile(step);
  const feeds = toHost(step, stepFeeds(model));
  // Vectors are whole numbers from 0 on, which every likelihood of vectors can explain.
  if (feeds.x!.dtype === 'float32')
    feeds.x!.data.forEach((value, i, x) => {
      x[i] = Math.round(Math.abs(value));
    });
  for (let i = 0; i < 10; i++) {
    const out = await program.run(feeds);
    for (const [name, { data }] of Object.entries(out)) expect(data.every(Number.isFinite), name).toBe(true);
    const gradients = Object.entries(out).filter(([name]) => name.startsWith('gradient/'));
    const squares = gradients.map(([, { data }]) => Array.from(data).reduce((sum, g) => sum + g * g, 0));
    const norm = Math.sqrt(squares.reduce((a, b) => a + b, 0));
    for (const { name, role } of model.parameters) {
      const { data } = feeds[name]!;
      out[`gradient/${name}`]?.data.forEach((value, j) => {
        data[j]! -= (0.01 / norm) * value;
      });
      if (role === 'state') data.set(out[`state/${name}`]!.data as Float32Array);
    }
  }
  await program.dispose();
}

describe.each(pairs)('$one with $other', ({ one, other }) => {
  const first: Table<string> = kinds[one];
  const second: Table<string> = kinds[other];
  it.each(Object.keys(first))('%s', async name => {
    let built = 0;
    for (const [otherName, parts] of Object.entries(second)) {
      // What a part is accompanied by gives way to the other part itself.
      const options = { ...base, ...first[name], ...parts, ...own(one, first[name]!) };
      try {
        await takesTenSteps(options);
        built += 1;
      } catch (error) {
        const refused = error instanceof LatentkitError && (error.code === 'spec' || error.code === 'shape');
        if (!refused) throw new Error(`${name} with ${otherName}: ${(error as Error).message}`, { cause: error });
        expect(error.message.length).toBeGreaterThan(40);
      }
    }
    // A likelihood that needs columns goes with none of these inputs.
    if (name !== 'mixed') expect(built).toBeGreaterThan(0);
  });
});

/** The field that a kind is about. */
function own(kind: Kind, parts: Parts): Parts {
  const fields: Record<Kind, keyof ModelOptions> = {
    likelihoods: 'likelihood',
    posteriors: 'posterior',
    priors: 'prior',
    objectives: 'objective',
    conditions: 'condition',
    corruptions: 'corruption',
    binarizations: 'binarization',
    inputs: 'input',
  };
  const field = fields[kind];
  return field in parts ? { [field]: parts[field] } : {};
}
