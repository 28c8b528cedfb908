// A figure with all that it depends on. Two figures can be set beside each other where these agree, and nowhere else: this
// file says which of them count for which figure, and which way is better.

import type { Binarization } from '../models/index.ts';
import type { DisentanglementScores } from './disentanglement/index.ts';

/** What the numbers of a likelihood are: see `Measure` in models/likelihoods. */
export type FigureMeasure = 'mass' | 'density' | 'mixed' | 'pseudo';

/**
 * - `bound`: an upper bound on −log p(x), or a term of it
 * - `estimate`: a sampled estimate, which approaches what it is named after as the samples grow
 * - `statistic`: computed of the rows as it is defined
 * - `criterion`: what training minimised, where the model has no bound at all (deterministic codes)
 */
export type FigureKind = 'bound' | 'estimate' | 'statistic' | 'criterion';

export type FigureName =
  | 'negElbo'
  | 'reconstruction'
  | 'kl'
  | 'nll'
  | 'boundBitsPerDim'
  | 'bitsPerDim'
  | 'activeUnits'
  | 'mutualInformation'
  | 'marginalKl'
  | 'totalCorrelation'
  | 'aggregatedPosteriorMmd'
  | 'psnr'
  | 'ssim'
  | 'sampleFrechetDistance'
  | 'samplePrecision'
  | 'sampleRecall'
  | 'labelAccuracy'
  | 'knnAccuracy'
  | 'linearAccuracy'
  | keyof DisentanglementScores;

/** One figure. Log-probabilities are sums over dimensions, averaged over rows. */
export interface Figure {
  readonly name: FigureName;
  readonly value: number;
  /** Of the mean over rows, where it is one. */
  readonly standardError?: number | undefined;
  readonly unit: string;
  readonly kind: FigureKind;
  readonly likelihood: string;
  readonly measure: FigureMeasure;
  readonly binarization: Binarization;
  /** Draws of z for each row: K of an importance-weighted estimate; of a bound, draws whose bounds were averaged. */
  readonly samples?: number | undefined;
  /** Of a comparison of images in learned features: whose features, with a hash of the network's parameters. */
  readonly features?: string | undefined;
  /** Of samples: what drew their codes, `prior` or a sampler fitted to the codes. */
  readonly sampler?: string | undefined;
  readonly seed: number;
  readonly data: string;
  readonly split: string;
  readonly rows: number;
  /** SHA-256 of the rows. */
  readonly fingerprint: string;
}

/** What a figure depends on. */
export type Condition =
  | 'kind'
  | 'likelihood'
  | 'measure'
  | 'binarization'
  | 'samples'
  | 'features'
  | 'split'
  | 'rows'
  | 'fingerprint';

/** What is known of a figure by its name. */
export interface FigureInfo {
  /** For people. */
  readonly title: string;
  readonly unit: string;
  /** Which way is better; without it runs are set beside each other and not ranked. */
  readonly better?: 'lower' | 'higher';
  /** What must agree before two values are put in one column. */
  readonly conditions: readonly Condition[];
}

const rows: readonly Condition[] = ['split', 'rows', 'fingerprint'];
// More draws make a bound's figure steadier but leave what it estimates as it is; those of an importance-weighted estimate
// change it. In both cases values of as many draws are what can be set beside each other.
const likelihood: readonly Condition[] = ['kind', 'likelihood', 'measure', 'binarization', 'samples', ...rows];
const codes: readonly Condition[] = ['kind', 'binarization', ...rows];
// As many samples as rows.
const generated: readonly Condition[] = ['kind', 'features', 'binarization', ...rows];

/** All figures. */
export const figures: Readonly<Record<FigureName, FigureInfo>> = {
  negElbo: { title: 'negative ELBO', unit: 'nats per row', better: 'lower', conditions: likelihood },
  reconstruction: { title: 'reconstruction', unit: 'nats per row', conditions: likelihood },
  kl: { title: 'KL', unit: 'nats per row', conditions: likelihood },
  nll: { title: '−log p(x)', unit: 'nats per row', better: 'lower', conditions: likelihood },
  boundBitsPerDim: { title: 'bound', unit: 'bits per dimension', better: 'lower', conditions: likelihood },
  bitsPerDim: {
    title: '−log p(x)',
    unit: 'bits per dimension',
    better: 'lower',
    conditions: likelihood,
  },
  activeUnits: { title: 'active units', unit: 'dimensions', conditions: codes },
  mutualInformation: { title: 'I(x; z)', unit: 'nats', conditions: codes },
  marginalKl: { title: 'KL(q(z) ‖ p(z))', unit: 'nats', conditions: codes },
  totalCorrelation: { title: 'total correlation', unit: 'nats', conditions: codes },
  aggregatedPosteriorMmd: { title: 'MMD² of q(z) and p(z)', unit: '', conditions: codes },
  psnr: { title: 'PSNR', unit: 'dB', better: 'higher', conditions: codes },
  ssim: { title: 'SSIM', unit: '', better: 'higher', conditions: codes },
  // Samples and rows in the features of Latentkit's MNIST classifier: not FID, which has those of Inception.
  sampleFrechetDistance: {
    title: 'Fréchet distance (mnist-features)',
    unit: '',
    better: 'lower',
    conditions: generated,
  },
  samplePrecision: { title: 'precision (mnist-features, k = 3)', unit: '', better: 'higher', conditions: generated },
  sampleRecall: { title: 'recall (mnist-features, k = 3)', unit: '', better: 'higher', conditions: generated },
  labelAccuracy: { title: 'accuracy of inferred classes', unit: '', better: 'higher', conditions: codes },
  knnAccuracy: { title: 'kNN accuracy (k = 5)', unit: '', better: 'higher', conditions: codes },
  linearAccuracy: { title: 'linear probe accuracy', unit: '', better: 'higher', conditions: codes },
  mig: { title: 'mutual information gap', unit: '', better: 'higher', conditions: codes },
  sap: { title: 'SAP', unit: '', better: 'higher', conditions: codes },
  dciDisentanglement: { title: 'DCI disentanglement', unit: '', better: 'higher', conditions: codes },
  dciCompleteness: { title: 'DCI completeness', unit: '', better: 'higher', conditions: codes },
  dciInformativeness: { title: 'DCI informativeness', unit: '', better: 'higher', conditions: codes },
  factorVaeScore: { title: 'FactorVAE score', unit: '', better: 'higher', conditions: codes },
  betaVaeScore: { title: 'β-VAE score', unit: '', better: 'higher', conditions: codes },
};

/** In what two figures of one name are unlike: empty where they can be set beside each other. */
export function unlike(a: Figure, b: Figure): Condition[] {
  return figures[a.name].conditions.filter(condition => a[condition] !== b[condition]);
}
