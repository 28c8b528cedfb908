// README.md of a run: the card that says what the model is, what it was trained on, and its figures with their kinds.

import type { Dataset } from '../data/index.ts';
import type { BoundEstimate } from '../evaluate/index.ts';
import { describeObjective } from '../models/index.ts';
import { noteSentences } from './doctor.ts';
import type { Folder } from './folder.ts';
import type { EpochRecord } from './metrics.ts';
import { exported, exportedNames, onnxPath } from './onnx.ts';
import { areImages, hasManifold } from './pictures.ts';
import type { RunConfig } from './run-config.ts';

export interface CardContents {
  readonly config: RunConfig;
  readonly records: readonly EpochRecord[];
  readonly test: BoundEstimate;
  readonly parameters: number;
  readonly imagesPerSecond: number;
}

/** Writes the card. */
export async function writeCard(folder: Folder, contents: CardContents, data: Dataset): Promise<void> {
  await folder.write('README.md', cardText(contents, areImages(data.shape)));
}

/** The card as Markdown. */
function cardText({ config, records, test, parameters, imagesPerSecond }: CardContents, images: boolean): string {
  const { model, training, data, latentkit, device } = config;
  const best = records.findLast(({ best }) => best);
  const nats = (value: number): string => value.toFixed(2);
  const row = (split: string, bound: BoundEstimate | undefined): string =>
    bound === undefined
      ? ''
      : `| ${split} | ${nats(bound.negElbo)} | ${nats(bound.reconstruction)} | ${nats(bound.kl)} | ${bound.rows} |\n`;
  const binarization = model.binarization === 'none' ? 'none (grey values)' : model.binarization;
  return `---
library_name: latentkit
tags: [variational-autoencoder, vae, onnx]
---

# ${data.name}: a variational autoencoder

${model.latent} latent dimensions, ${parameters.toLocaleString('en')} parameters, ${model.likelihood.type} likelihood, input [${model.input.shape.join(', ')}].
${
  images
    ? `
![Originals over their reconstructions, test images](images/reconstructions.png)

![Samples from the prior](images/samples.png)
${hasManifold(model) ? '\n![The latent plane, decoded](images/manifold.png)\n' : ''}`
    : ''
}
## Figures

Negative evidence lower bound (an upper bound on −log p(x)), estimated with one draw of z a row; nats a row, summed over
dimensions. Likelihood: ${model.likelihood.type}. Binarisation: ${binarization}. The test rows were used for nothing else.

| split | negative ELBO | reconstruction | KL | rows |
| --- | --- | --- | --- | --- |
${row('test', test)}${row('validation', best?.validation)}
![Learning curves](images/learning-curves.png)

## Training

| | |
| --- | --- |
| data | ${data.name}: ${data.rows.train} training, ${data.rows.validation} validation, ${data.rows.test} test rows |
| objective | ${describeObjective(model.objective)} |
| optimiser | ${training.optimizer.type}, learning rate ${training.optimizer.learningRate}, ${training.schedule.type} schedule |
| epochs | ${records.length} of ${training.batchSize} rows a step; kept: epoch ${best?.epoch} (best by validation) |
| seed | ${training.seed} |
| speed | ${Math.round(imagesPerSecond).toLocaleString('en')} rows a second on ${device} |
| written by | latentkit ${latentkit} |

${doctorSection(records)}## Files

| | |
| --- | --- |
| \`model.safetensors\` | parameters |
${exportedNames.map(name => `| \`${onnxPath(name)}\` | ${exported[name]} |`).join('\n')}
| \`config.json\` | model, training config, fingerprints of the data |
| \`metrics.jsonl\` | one line an epoch |
| \`golden.json\` | hashes, and vectors that \`latentkit verify\` replays |
`;
}

/** What the doctor said in the course of training. */
function doctorSection(records: readonly EpochRecord[]): string {
  const notes = records.flatMap(({ doctor = [] }) => doctor);
  if (notes.length === 0) return '';
  const lines = notes.map(note => `- Epoch ${note.epoch}: ${noteSentences(note).join(' ')}\n`);
  return `## What the doctor of training said\n\n${lines.join('')}\n`;
}
