// How well scores tell anomalies from normal rows, where labels are there to say: ROC and precision–recall curves over all
// thresholds, with the areas under them.

/** A curve's points, from the highest threshold to the lowest. */
interface Curve {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface Ranking {
  readonly anomalies: number;
  readonly rows: number;
  /** The area under the ROC curve: P(an anomaly scores higher than a normal row), ties counted half. */
  readonly auroc: number;
  /** Its standard error over samples of rows (DeLong et al. 1988). */
  readonly aurocError: number;
  /** Σ (recallₖ − recallₖ₋₁) precisionₖ: the area under the precision–recall curve by steps. A guess has the anomalies' share. */
  readonly averagePrecision: number;
  /** False against true positives, as shares of the normal and of the anomalous rows. */
  readonly roc: Curve;
  /** Recall against precision. */
  readonly precisionRecall: Curve;
}

/** Ranks rows by their scores. Undefined where all rows are of one kind. */
export function rankingOf(scores: ArrayLike<number>, isAnomaly: ArrayLike<unknown>): Ranking | undefined {
  const rows = scores.length;
  const values = Float64Array.from(scores, score => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : score));
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
  // After each run of equal scores: how many rows of each kind there are.
  const counts: { hits: number; alarms: number; start: number; end: number }[] = [];
  let [hits, alarms] = [0, 0];
  for (let start = 0, end = 0; end < rows; start = end) {
    for (; end < rows && values[order[end]!] === values[order[start]!]; end++) {
      if (isAnomaly[order[end]!]) hits++;
      else alarms++;
    }
    counts.push({ hits, alarms, start, end });
  }
  if (hits === 0 || alarms === 0) return undefined;
  const [anomalies, normal] = [hits, alarms];
  // Of each row the share of the other kind that it stands on the right side of (DeLong et al. 1988, equations 5–7).
  const placements = { anomalies: new Float64Array(anomalies), normal: new Float64Array(normal) };
  const filled = { anomalies: 0, normal: 0 };
  let averagePrecision = 0;
  counts.forEach((now, k) => {
    const before = counts[k - 1] ?? { hits: 0, alarms: 0 };
    averagePrecision += ((now.hits - before.hits) / anomalies) * (now.hits / (now.hits + now.alarms));
    const below = 1 - (before.alarms + now.alarms) / 2 / normal;
    const above = (before.hits + now.hits) / 2 / anomalies;
    for (let i = now.start; i < now.end; i++) {
      if (isAnomaly[order[i]!]) placements.anomalies[filled.anomalies++] = below;
      else placements.normal[filled.normal++] = above;
    }
  });
  const auroc = placements.anomalies.reduce((a, b) => a + b, 0) / anomalies;
  const variance = varianceOfMean(placements.anomalies, auroc) + varianceOfMean(placements.normal, auroc);
  return {
    anomalies,
    rows,
    auroc,
    aurocError: Math.sqrt(variance),
    averagePrecision,
    roc: {
      x: Float64Array.of(0, ...counts.map(count => count.alarms / normal)),
      y: Float64Array.of(0, ...counts.map(count => count.hits / anomalies)),
    },
    precisionRecall: {
      x: Float64Array.of(0, ...counts.map(count => count.hits / anomalies)),
      y: Float64Array.of(1, ...counts.map(count => count.hits / (count.hits + count.alarms))),
    },
  };
}

function varianceOfMean(values: Float64Array, mean: number): number {
  if (values.length < 2) return 0;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length;
}
