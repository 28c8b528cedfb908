// Figures of merit, each with its kind and unit.

export { type BoundEstimate, evaluateBound, rowBounds } from './bound.ts';
export { conditionsOf } from './conditions.ts';
export {
  type DisentanglementOptions,
  type DisentanglementScores,
  disentanglementScores,
  type FactorColumn,
  type FactoredCodes,
  factoredCodes,
} from './disentanglement/index.ts';
export { digitsOf, type SampleQuality, type SampleQualityOptions, sampleQuality } from './features/index.ts';
export {
  type Condition,
  type Figure,
  type FigureInfo,
  type FigureKind,
  type FigureMeasure,
  type FigureName,
  figures,
  unlike,
} from './figures.ts';
export { type Images, psnr, ssim } from './images.ts';
export {
  activeAbove,
  activeUnits,
  type Codes,
  encodeAll,
  estimateKlParts,
  type GaussianCodes,
  type KlParts,
  klParts,
  klPerDimension,
  meanVariances,
} from './latents.ts';
export { LogMeanExp } from './log-mean-exp.ts';
export { aggregatedPosteriorMmd, type MmdEstimate } from './mmd.ts';
export { estimateNll, type NllEstimate, type NllOptions, rowNlls } from './nll.ts';
export { knnAccuracy, type Labelled, linearAccuracy } from './probes.ts';
export { solvePositive } from './solve.ts';
export { meanAndError } from './statistics.ts';
