// Tables of numbers, flags and categories, of which some are missing: the network of `mlp` upon embeddings of the columns.

import type { Column } from '../../columns.ts';
import { mlp } from './mlp.ts';
import { definePreset, type Preset } from './preset.ts';

/** A column of each kind, where no input is given. */
const example: readonly Column[] = [
  { name: 'age', type: 'numeric', mean: 40, deviation: 20 },
  { name: 'smoker', type: 'binary' },
  { name: 'city', type: 'categorical', categories: 5 },
];

export const tableVae: Preset = definePreset({
  name: 'table',
  summary: 'rows of numeric, binary and categorical columns, of which values may be missing',
  paper: 'Nazábal et al. 2020, https://arxiv.org/abs/1807.03653',
  // Rows are drawn by where codes lie, which of a few thousand rows is not quite the prior. A sampler needs codes of any
  // numbers, drawn without a condition.
  build: options =>
    mlp.build({
      input: { shape: [example.length], columns: example },
      latent: 8,
      hidden: 128,
      ...(options?.posterior === undefined && options?.condition === undefined && { sampler: 'gmm' }),
      ...options,
    }),
});
