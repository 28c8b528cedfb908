// Detection: scores of rows by a trained model, and what is concluded from them without a labelled anomaly.

export {
  type Detector,
  type DetectorOptions,
  fitDetector,
  type NormalRows,
  type ScoreName,
  type Scores,
} from './detector.ts';
export { type Drift, type DriftTest, detectDrift } from './drift/drift.ts';
export { kolmogorovSmirnov } from './drift/kolmogorov-smirnov.ts';
export { divideHeldOut, type HeldOutFacts, measureHeldOut, scoreRows, vectorsOf } from './held-out.ts';
export { readCalibration, readHeldOut, writeCalibration, writeHeldOut } from './held-out-store.ts';
export { type Ranking, rankingOf } from './ranking.ts';
export { readDetector, writeDetector } from './store.ts';
export { conformalPValue, sortedScores } from './thresholds/conformal.ts';
export { setThreshold, type Threshold, type ThresholdRule, type Verdict, verdictOn } from './thresholds/threshold.ts';
