// The Fréchet distance of two samples: the squared 2-Wasserstein distance of the normal distributions fitted to them
// (Dowson and Landau 1982; Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", equation 6).

import type { Points } from './extractor.ts';
import { eigenOf, productTransposed, rootOf } from './symmetric.ts';

/** A normal distribution: mean [width], covariance [width, width]. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** The mean and the sample covariance (over n − 1) of points. */
export function gaussianOf({ width, values }: Points): Gaussian {
  const rows = values.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < values.length; i++) mean[i % width]! += values[i]! / rows;
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) centred[j] = values[row * width + j]! - mean[j]!;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) covariance[i * width + j]! += centred[i]! * centred[j]!;
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      covariance[i * width + j]! /= rows - 1;
      covariance[j * width + i] = covariance[i * width + j]!;
    }
  }
  return { mean, covariance };
}

/**
 * ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½). The trace of that root is the one of (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric, so
 * its eigenvalues are real whatever the ranks are. Of fitted distributions it is too large on average, by a multiple of 1/n:
 * what is compared must be of as many points.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const n = a.mean.length;
  const root = rootOf(a.covariance, n);
  const { values } = eigenOf(productTransposed(productTransposed(root, b.covariance, n), root, n), n);
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const spread = a.covariance[i * n + i]! + b.covariance[i * n + i]!;
    distance += (a.mean[i]! - b.mean[i]!) ** 2 + spread - 2 * Math.sqrt(Math.max(0, values[i]!));
  }
  return Math.max(0, distance);
}
