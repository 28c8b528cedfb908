import { expect, it } from 'vitest';
import { parseModel, presets, samplerTypes } from './index.ts';

const small = { input: [4, 4, 1], latent: 2, hidden: 4 };

it('is part of a model, by its name or in full, and survives JSON', () => {
  expect(presets.mlp.build(small)).not.toHaveProperty('sampler');
  expect(presets.mlp.build({ ...small, sampler: 'gmm' }).sampler).toEqual({ type: 'gmm', components: 10 });
  const spec = presets.mlp.build({ ...small, sampler: { type: 'maf', hidden: 8 } });
  expect(spec.sampler).toEqual({ type: 'maf', layers: 5, hidden: 8, epochs: 50 });
  expect(parseModel(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  expect(presets['two-stage-vae'].build(small)).toMatchObject({
    likelihood: { type: 'normal', variance: 'shared' },
    sampler: { type: 'vae' },
  });
});

it.each(samplerTypes)(
  '%s: only the prior draws codes that are not any numbers, or that go with a condition',
  sampler => {
    const condition = { type: 'label', classes: 3 } as const;
    const options = [
      { condition },
      { posterior: 'vonMisesFisher', prior: 'uniformSphere' },
      { posterior: { type: 'gumbelSoftmax', categories: [2] }, prior: 'normalCategorical' },
      { posterior: { type: 'vectorQuantized', codes: 4, width: 1 }, prior: 'uniformCodes' },
    ] as const;
    for (const parts of options) {
      const build = (): unknown => presets.mlp.build({ ...small, ...parts, sampler });
      if (sampler === 'prior') expect(build()).toHaveProperty('sampler', { type: 'prior' });
      else expect(build).toThrow(`sampler ${sampler}: expected a `);
    }
  },
);

it('names a wrong field', () => {
  const options: object = { ...small, sampler: { type: 'gmm', component: 3 } };
  expect(() => presets.mlp.build(options)).toThrow('sampler: unknown field "component". Did you mean "components"?');
});
