// An optimiser at work on flat buffers in the kernels' memory: its state, and one fused pass per step. The equations are
// in scalars.ts.

import { LatentkitError } from '../errors.ts';
import { type Averaging, alignedBytes, type Kernels } from '../kernels/index.ts';
import type { OptimizerConfig } from './config.ts';
import { adamScalars, averagingRate, clipScale, sgdScalars } from './scalars.ts';

/** What a step tells. */
export interface StepReport {
  /** Norm of the whole gradient before clipping; only where the config clips. */
  readonly gradNorm?: number;
}

/** An optimiser of one flat parameter buffer. */
export interface Optimizer {
  /**
   * What must be saved to resume, each as long as the parameters: `firstMoment` and `secondMoment` (Adam, AdamW) or
   * `velocity` (SGD), and `ema` where the config has one. To resume, write the saved values into these arrays.
   */
  readonly state: Readonly<Record<string, Float32Array>>;

  /**
   * Updates the parameters, and the state, from the gradients (which are left as they are). What it does follows from
   * its arguments and the buffers alone, so a resumed run gives the same bits.
   *
   * Throws `training`, before anything is changed, where the config clips and a gradient is infinite or NaN.
   *
   * @param stepNumber counted from 1
   * @param scale what the gradients are multiplied by before anything else: 1 / rows where they are sums over a batch
   */
  step(learningRate: number, stepNumber: number, scale?: number): StepReport;
}

/** The names of an optimiser's state. */
export function stateNames(config: OptimizerConfig): readonly string[] {
  const own = config.type === 'sgd' ? ['velocity'] : ['firstMoment', 'secondMoment'];
  return config.ema === undefined ? own : [...own, 'ema'];
}

/** What the state for so many parameters takes of the kernels' memory, in bytes. */
export function stateBytes(config: OptimizerConfig, length: number): number {
  return stateNames(config).length * alignedBytes(4 * length);
}

/**
 * An optimiser of parameters that lie in the kernels' memory, as must their gradients. Takes {@link stateBytes} of that
 * memory. The moving average starts as a copy of the parameters.
 */
export function createOptimizer(
  kernels: Kernels,
  config: OptimizerConfig,
  params: Float32Array,
  grads: Float32Array,
): Optimizer {
  const own = createUpdate(kernels, config, params, grads);
  const average = config.ema === undefined ? undefined : kernels.float32(params.length);
  average?.set(params);

  const averaging = (stepNumber: number): Averaging | undefined =>
    average && config.ema !== undefined ? { average, rate: averagingRate(config.ema, stepNumber) } : undefined;

  return {
    state: average ? { ...own.state, ema: average } : own.state,
    step(learningRate, stepNumber, scale = 1) {
      if (config.clipNorm === undefined) {
        own.update(learningRate, stepNumber, scale, averaging(stepNumber));
        return {};
      }
      const gradNorm = scale * Math.sqrt(kernels.sumOfSquares(grads));
      if (!Number.isFinite(gradNorm)) {
        throw new LatentkitError(
          'training',
          `step ${stepNumber}: expected finite gradients, got a norm of ${gradNorm}`,
        );
      }
      own.update(learningRate, stepNumber, scale * clipScale(config.clipNorm, gradNorm), averaging(stepNumber));
      return { gradNorm };
    },
  };
}

interface Update {
  readonly state: Readonly<Record<string, Float32Array>>;
  update(learningRate: number, stepNumber: number, scale: number, averaging: Averaging | undefined): void;
}

function createUpdate(kernels: Kernels, config: OptimizerConfig, params: Float32Array, grads: Float32Array): Update {
  const { length } = params;
  if (config.type === 'sgd') {
    const velocity = kernels.float32(length);
    return {
      state: { velocity },
      update: (learningRate, _, scale, averaging) =>
        kernels.sgd(params, grads, velocity, sgdScalars(config, learningRate, scale), averaging),
    };
  }
  const firstMoment = kernels.float32(length);
  const secondMoment = kernels.float32(length);
  return {
    state: { firstMoment, secondMoment },
    update: (learningRate, stepNumber, scale, averaging) => {
      const scalars = adamScalars(config, learningRate, stepNumber, scale);
      kernels.adam(params, grads, firstMoment, secondMoment, scalars, averaging);
    },
  };
}
