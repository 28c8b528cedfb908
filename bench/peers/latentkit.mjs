// Latentkit as built, through its public API: `fit` on a preset. Timed from step to step within the epochs, so that the
// validation between them, which no other peer does, does not count.

import { createRequire } from 'node:module';
import { loadData } from '../../dist/data/index.js';
import { presetNamed } from '../../dist/models/index.js';
import { fit } from '../../dist/train/index.js';
import * as h from './harness.mjs';

const { version } = createRequire(import.meta.url)('../../package.json');
const enough = new AbortController();
const losses = [];
let seconds = 0;
let last = 0;

await fit(presetNamed(h.model).build({ input: [28, 28, 1] }), await loadData('mnist'), {
  batchSize: h.batchSize,
  optimizer: { type: 'adam' },
  signal: enough.signal,
  onStep({ step, stepInEpoch, loss }) {
    const now = performance.now();
    if (step > h.warmUpSteps && stepInEpoch > 1) {
      seconds += (now - last) / 1000;
      losses.push(loss);
    }
    last = now;
    if (losses.length === h.steps) enough.abort();
  },
});
h.report(`latentkit ${version}`, h.steps, seconds, h.meanOfLast(losses));
