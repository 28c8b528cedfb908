// Images compared in learned features.

export { type SampleQuality, type SampleQualityOptions, sampleQuality } from './compare.ts';
