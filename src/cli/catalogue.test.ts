import { expect, it } from 'vitest';
import { presets } from '../models/index.ts';
import { catalogue, catalogueMarkdown } from './catalogue.ts';
import { latentkit } from './testing.ts';

it('lists every preset with its paper and its parts', async () => {
  const models = catalogue();
  expect(models.map(({ name }) => name)).toEqual(Object.keys(presets));
  for (const { name, summary, paper, parts } of models) {
    expect(summary.length, name).toBeGreaterThan(10);
    expect(paper, name).toMatch(/\d{4}/);
    expect(Object.values(parts).join(), name).not.toMatch(/undefined|\[object/);
  }
  const { code, stdout } = await latentkit('models');
  expect(code).toBe(0);
  for (const { name, paper, parts } of models) {
    expect(stdout).toContain(`\n${name}  `.trimStart());
    expect(stdout).toContain(paper);
    expect(stdout).toContain(`objective ${parts.objective}`);
  }
  expect((await latentkit('models --json')).json()).toEqual({ models: JSON.parse(JSON.stringify(models)) });
});

it('docs/models.md is up to date (else: npx vitest run src/cli/catalogue.test.ts -u)', async () => {
  await expect(catalogueMarkdown()).toMatchFileSnapshot('../../docs/models.md');
});
