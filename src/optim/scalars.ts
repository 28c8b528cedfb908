// What of an optimiser's equations is the same for every element, computed once per step in float64: bias corrections,
// clipping, decay. The fused kernels take these, and an optimiser emitted as a graph can take the same.

import type { AdamScalars, SgdScalars } from '../kernels/index.ts';
import type { AdamConfig, AdamWConfig, SgdConfig } from './config.ts';

/**
 * Adam's step t with gradients g to be scaled by c (Kingma and Ba 2015, algorithm 1):
 *
 *     m = β₁ m + (1 - β₁) c g              v = β₂ v + (1 - β₂) (c g)²
 *     m̂ = m / (1 - β₁ᵗ)                    v̂ = v / (1 - β₂ᵗ)
 *     p = (1 - η λ) p - η m̂ / (√v̂ + ε)     λ = 0 in Adam (Loshchilov and Hutter 2019, algorithm 2, for AdamW)
 *
 * Numerator and denominator times √(1 - β₂ᵗ) leave one division per element, and ε where the paper has it:
 *
 *     p = decay p - stepSize m / (√v + epsilon)
 *     stepSize = η √(1 - β₂ᵗ) / (1 - β₁ᵗ),   epsilon = ε √(1 - β₂ᵗ),   decay = 1 - η λ
 *
 * The betas are the float32 numbers next to the config's: with β₂ = 0.999 in float32 and 1 - β₂ not made from it, the
 * weights of the average would not add up to 1, by one part in 10⁵.
 */
export function adamScalars(
  config: AdamConfig | AdamWConfig,
  learningRate: number,
  stepNumber: number,
  scale: number,
): AdamScalars {
  const beta1 = Math.fround(config.beta1);
  const beta2 = Math.fround(config.beta2);
  const rootOfCorrection = Math.sqrt(1 - beta2 ** stepNumber);
  const weightDecay = config.type === 'adamw' ? config.weightDecay : 0;
  return {
    beta1,
    beta2,
    rate1: scale * (1 - beta1),
    rate2: scale * Math.sqrt(1 - beta2),
    stepSize: (learningRate * rootOfCorrection) / (1 - beta1 ** stepNumber),
    epsilon: config.epsilon * rootOfCorrection,
    decay: 1 - learningRate * weightDecay,
  };
}

/**
 * A step of gradient descent with momentum μ, in the form of Sutskever et al. 2013 that PyTorch uses, gradients scaled by c:
 *
 *     u = μ u + c g
 *     p = p - η u                  or, nesterov,   p = p - η (c g + μ u)
 */
export function sgdScalars(config: SgdConfig, learningRate: number, scale: number): SgdScalars {
  const { momentum, nesterov } = config;
  return {
    scale,
    momentum,
    ofGradient: nesterov ? learningRate : 0,
    ofVelocity: nesterov ? learningRate * momentum : learningRate,
  };
}

/**
 * What a gradient of this norm is multiplied by so that it is no longer than `clipNorm` (Pascanu et al. 2013, algorithm 1).
 */
export function clipScale(clipNorm: number, norm: number): number {
  return norm > clipNorm ? clipNorm / norm : 1;
}

/**
 * The rate r of a moving average after step t: ema += r (p - ema), r = 1 - min(decay, (1 + t) / (10 + t)). The average
 * starts as a copy of the parameters, and so forgets the first, random ones quickly (as in TensorFlow's).
 */
export function averagingRate(decay: number, stepNumber: number): number {
  return 1 - Math.min(decay, (1 + stepNumber) / (10 + stepNumber));
}
