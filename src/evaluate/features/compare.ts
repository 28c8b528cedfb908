// Samples of a model beside images that are real, in the features of the classifier. The figures are not FID, nor to be
// compared with it: the features are others, and so are the images and how many there are. Between 10,000 training digits
// and the 10,000 test digits the Fréchet distance is 2.8, precision and recall are 0.86: what a perfect generator has.

import { type Dataset, hostRows } from '../../data/index.ts';
import { rowRange, type TrainedVae } from '../../models/index.ts';
import { float32, type HostTensor } from '../../runtime/index.ts';
import { FeatureExtractor, type Points } from './extractor.ts';
import { frechetDistance, gaussianOf } from './frechet.ts';
import { type PrecisionRecall, precisionRecall } from './manifold.ts';
import { featureWidth } from './network.ts';

export interface SampleQuality extends PrecisionRecall {
  readonly frechetDistance: number;
  /** Of the classifier: its name and the hash of its parameters. */
  readonly features: string;
  /** How many samples were drawn and how many real images they were compared with: as many of each. */
  readonly rows: number;
}

export interface SampleQualityOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Samples, and real images, at most. */
const mostRows = 10_000;
/** Of fewer images than this the covariance of their features is singular. */
const leastRows = featureWidth + 1;
const chunk = 500;

/**
 * Compares samples of a model with a data set's images (its first 10,000 at most): codes decoded to the expected image.
 *
 * @param draw gives so many codes, [count, latent].
 * @param data rows of shape [height, width, 1 or 3]; other sizes than 28 × 28, and colours, are brought to 28 × 28 grey.
 * @returns undefined where there are fewer images than the features have dimensions.
 */
export async function sampleQuality(
  vae: TrainedVae,
  draw: (count: number) => Promise<HostTensor<'float32'>>,
  data: Dataset,
  { signal }: SampleQualityOptions = {},
): Promise<SampleQuality | undefined> {
  const rows = Math.min(mostRows, data.size);
  if (rows < leastRows) return undefined;
  const extractor = await FeatureExtractor.open(data.shape, vae.runtime);
  const featuresOf = async (
    images: (start: number, end: number) => Promise<HostTensor<'float32'>>,
  ): Promise<Points> => {
    const values = new Float32Array(rows * featureWidth);
    for (let start = 0; start < rows; start += chunk) {
      signal?.throwIfAborted();
      const end = Math.min(start + chunk, rows);
      values.set((await extractor.run(await images(start, end))).values, start * featureWidth);
    }
    return { width: featureWidth, values };
  };
  try {
    const codes = await draw(rows);
    const real = await featuresOf(async (start, end) => toUnit(await hostRows(data, start, end), data.range));
    const generated = await featuresOf(
      async (start, end) => (await vae.run('decoder', rowRange(codes, start, end))).mean!,
    );
    const shares = await precisionRecall(real, generated, vae.runtime, { signal });
    return {
      frechetDistance: frechetDistance(gaussianOf(real), gaussianOf(generated)),
      ...shares,
      features: extractor.name,
      rows,
    };
  } finally {
    await extractor.dispose();
  }
}

function toUnit({ data, shape }: HostTensor, [low, high]: readonly [number, number]): HostTensor<'float32'> {
  const values = Float32Array.from(data, value => (value - low) / (high - low));
  return float32(values, shape);
}
