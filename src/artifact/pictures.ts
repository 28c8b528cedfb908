// images/: what a person looks at first. Pictures of the data are made where the rows are images.

import type { Dataset } from '../data/index.ts';
import { hostRows } from '../data/index.ts';
import { encodePng, figure, imageGrid, lineChart, type Picture, pairGrid, renderPng } from '../images/index.ts';
import { companionsAt, describeObjective, type ModelSpec, rowRange, type TrainedVae } from '../models/index.ts';
import { float32, type RowTensor } from '../runtime/index.ts';
import type { Folder } from './folder.ts';
import type { EpochRecord } from './metrics.ts';
import type { RunConfig } from './run-config.ts';

/** Whether rows can be shown as pictures: [height, width, 1 or 3]. */
export function areImages(shape: readonly number[]): boolean {
  return shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
}

/** Whether the plane of codes can be shown decoded: there are two, and nothing is told beside them. */
export function hasManifold({ latent, condition, prior }: ModelSpec): boolean {
  const plane = prior.type !== 'uniformSphere' && prior.type !== 'normalCategorical';
  return latent === 2 && condition === undefined && plane;
}

/** Writes all pictures of a run. */
export async function writePictures(
  folder: Folder,
  {
    config,
    vae,
    records,
    test,
  }: { config: RunConfig; vae: TrainedVae; records: readonly EpochRecord[]; test: Dataset },
): Promise<void> {
  await folder.write('images/learning-curves.png', await learningCurves(config, records));
  if (!areImages(test.shape)) return;
  const save = (name: string, picture: Picture): Promise<void> =>
    folder.write(`images/${name}.png`, encodePng(picture));
  const originals = await hostRows(test, 0, Math.min(32, test.size));
  const { mean } = await vae.run('reconstruct', originals);
  await save('reconstructions', pairGrid(originals, mean!));
  await save('samples', await samples(config, vae, test));
  if (hasManifold(config.model)) {
    await save('manifold', imageGrid((await vae.run('decoder', manifoldCodes(20))).mean!, { columns: 20, padding: 0 }));
  }
}

/** Draws from the prior. Of a model that is told classes, a column is a class and a row a code: the same in every class. */
async function samples({ model, training: { seed } }: RunConfig, vae: TrainedVae, test: Dataset): Promise<Picture> {
  const { condition } = model;
  const decoded = async (codes: RowTensor): Promise<RowTensor<'float32'>> => (await vae.run('decoder', codes)).mean!;
  if (condition === undefined) return imageGrid(await decoded(await vae.drawLatents(64, { seed })));
  if (condition.type === 'attributes') {
    const { attributes } = await hostRows(test, 0, Math.min(64, test.size));
    return imageGrid(await decoded(await vae.drawLatents(attributes?.shape[0] ?? 0, { seed, attributes })));
  }
  const { classes } = condition;
  const columns = Math.min(classes, 32);
  const codes = await vae.drawLatents(8 * classes, { seed });
  const shown = Uint32Array.from({ length: 8 * columns }, (_, i) => Math.floor(i / columns) * classes + (i % columns));
  const data = new Float32Array(shown.length * model.latent);
  shown.forEach((row, i) => {
    // A prior that knows the class has another code for each; others have the row's first.
    const from = model.prior.type === 'conditionalNormal' ? row : Math.floor(i / columns) * classes;
    data.set(rowRange(codes, from, from + 1).data, i * model.latent);
  });
  const rows = { ...float32(data, [shown.length, model.latent]), ...companionsAt(codes, shown) };
  return imageGrid(await decoded(rows), { columns });
}

async function learningCurves({ model, data }: RunConfig, records: readonly EpochRecord[]): Promise<Uint8Array> {
  const x = records.map(({ epoch }) => epoch);
  const panel = (title: string, train: (record: EpochRecord) => number, validation: (record: EpochRecord) => number) =>
    lineChart({
      title,
      unit: 'nats',
      xLabel: 'epoch',
      series: [
        { name: 'train', x, y: records.map(train) },
        { name: 'validation', x, y: records.map(validation) },
      ],
    });
  const { objective, likelihood, latent, binarization } = model;
  const panels = [
    panel(
      'Negative ELBO',
      ({ train }) => train.reconstruction + train.kl,
      ({ validation }) => validation.negElbo,
    ),
    panel(
      'Reconstruction',
      ({ train }) => train.reconstruction,
      ({ validation }) => validation.reconstruction,
    ),
    panel(
      'KL',
      ({ train }) => train.kl,
      ({ validation }) => validation.kl,
    ),
  ];
  const grey = binarization === 'none' ? '' : `, ${binarization} binarisation`;
  return renderPng(
    figure(panels, {
      title: 'Learning curves',
      subtitle: `${data.name}${grey}, ${likelihood.type} likelihood, ${latent} latents, ${describeObjective(objective)}`,
    }),
  );
}

/**
 * Codes on a square grid whose coordinates are equally likely under the prior: the normal's quantiles at the centres of
 * equal parts (Kingma and Welling 2014, figure 4).
 */
export function manifoldCodes(side: number): ReturnType<typeof float32> {
  const quantiles = Array.from({ length: side }, (_, i) => normalQuantile((i + 0.5) / side));
  const codes = quantiles.flatMap(y => quantiles.flatMap(x => [x, -y]));
  return float32(Float32Array.from(codes), [side * side, 2]);
}

/** The standard normal's quantile for p in (0, 1), by bisection of its distribution function. */
function normalQuantile(p: number): number {
  let [low, high] = [-9, 9];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ(x) by its power series about 0 (Abramowitz and Stegun 1964, 26.2.11), exact to rounding for |x| < 6. */
function normalCdf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}
