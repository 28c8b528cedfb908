import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { alignedBytes, createKernels, type Kernels } from '../kernels/index.ts';
import { createOptimizer, type OptimizerInput, optimizerSchema, stateBytes, stateNames } from './index.ts';

const LENGTH = 103; // not a multiple of a vector

function setUp(input: OptimizerInput, length = LENGTH) {
  const config = optimizerSchema.parse(input);
  const kernels: Kernels = createKernels(2 * alignedBytes(4 * length) + stateBytes(config, length));
  const params = kernels.float32(length);
  const grads = kernels.float32(length);
  kernels.fillNormal(params, { seed: 1, stream: 1, step: 0 });
  return { config, kernels, params, grads, create: () => createOptimizer(kernels, config, params, grads) };
}

/** The papers' updates in float64, one element at a time. Betas are the float32 that the kernels have. */
function reference(input: OptimizerInput, start: Float32Array) {
  const config = optimizerSchema.parse(input);
  const p = Float64Array.from(start);
  const ema = Float64Array.from(start);
  const m = new Float64Array(p.length);
  const v = new Float64Array(p.length);
  return {
    p,
    ema,
    step(learningRate: number, t: number, gradients: Float32Array) {
      const norm = Math.hypot(...gradients);
      const scale = config.clipNorm === undefined ? 1 : Math.min(1, config.clipNorm / norm);
      for (let i = 0; i < p.length; i++) {
        const g = scale * gradients[i]!;
        if (config.type === 'sgd') {
          m[i] = config.momentum * m[i]! + g;
          p[i]! -= learningRate * (config.nesterov ? g + config.momentum * m[i]! : m[i]!);
        } else {
          const beta1 = Math.fround(config.beta1);
          const beta2 = Math.fround(config.beta2);
          if (config.type === 'adamw') p[i]! -= learningRate * config.weightDecay * p[i]!;
          m[i] = beta1 * m[i]! + (1 - beta1) * g;
          v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
          const mHat = m[i]! / (1 - beta1 ** t);
          const vHat = v[i]! / (1 - beta2 ** t);
          p[i]! -= (learningRate * mHat) / (Math.sqrt(vHat) + config.epsilon);
        }
        const decay = Math.min(config.ema ?? 0, (1 + t) / (10 + t));
        ema[i] = decay * ema[i]! + (1 - decay) * p[i]!;
      }
      return norm;
    },
  };
}

const cases: OptimizerInput[] = [
  { type: 'adam' },
  { type: 'adam', beta1: 0.5, beta2: 0.9, epsilon: 1e-3 },
  { type: 'adam', clipNorm: 0.02, ema: 0.99 },
  { type: 'adamw', weightDecay: 0.1 },
  { type: 'adamw', weightDecay: 0.1, ema: 0.9, clipNorm: 1e6 },
  { type: 'sgd' },
  { type: 'sgd', momentum: 0 },
  { type: 'sgd', nesterov: true },
  { type: 'sgd', nesterov: true, momentum: 0.5, clipNorm: 0.05, ema: 0.95 },
];

describe('an optimiser', () => {
  it.each(cases)('follows the float64 reference: %j', input => {
    const { kernels, config, params, grads, create } = setUp(input);
    const optimizer = create();
    expect(Object.keys(optimizer.state)).toEqual(stateNames(config));
    const exact = reference(input, params);
    for (let t = 1; t <= 300; t++) {
      kernels.fillNormal(grads, { seed: 2, stream: 1, step: t });
      // Scales from 1e-6 to 1, and a gradient that is not centred.
      for (let i = 0; i < LENGTH; i++) grads[i] = (grads[i]! + 0.3) * 10 ** -(i % 7);
      const rate = 1e-2 / Math.sqrt(t);
      const { gradNorm } = optimizer.step(rate, t);
      const norm = exact.step(rate, t, grads);
      if (config.clipNorm === undefined) expect(gradNorm).toBeUndefined();
      else expect(gradNorm).toBeCloseTo(norm, 6);
    }
    for (let i = 0; i < LENGTH; i++) {
      // what float32 alone makes of 300 steps; a wrong equation is off by 1e-3.
      const tolerance = 8e-6 * Math.max(1, Math.abs(exact.p[i]!));
      expect(Math.abs(params[i]! - exact.p[i]!)).toBeLessThan(tolerance);
      if (optimizer.state.ema) expect(Math.abs(optimizer.state.ema[i]! - exact.ema[i]!)).toBeLessThan(tolerance);
    }
  });

  it.each(cases)('resumes with the same bits: %j', input => {
    const run = (from?: { params: Float32Array; state: Readonly<Record<string, Float32Array>> }) => {
      const { kernels, params, grads, create } = setUp(input);
      const optimizer = create();
      if (from) {
        params.set(from.params);
        for (const [name, saved] of Object.entries(from.state)) optimizer.state[name]!.set(saved);
      }
      const advance = (first: number, last: number) => {
        for (let t = first; t <= last; t++) {
          kernels.fillNormal(grads, { seed: 3, stream: 1, step: t });
          optimizer.step(1e-2, t);
        }
      };
      return { params, state: optimizer.state, advance };
    };
    const whole = run();
    whole.advance(1, 20);
    const half = run();
    half.advance(1, 10);
    const resumed = run(half);
    resumed.advance(11, 20);
    expect(resumed.params).toEqual(whole.params);
    expect(resumed.state).toEqual(whole.state);
  });

  it('gives an element the same bits wherever it lies', () => {
    const { kernels, params, grads, create } = setUp({ type: 'adam', ema: 0.9 });
    params.fill(0.37);
    const optimizer = create();
    for (let t = 1; t <= 5; t++) {
      grads.fill(0.1 * t);
      optimizer.step(1e-2, t);
    }
    expect(new Set(params).size).toBe(1);
    expect(new Set(optimizer.state.ema).size).toBe(1);
    expect(kernels.allFinite(params)).toBe(true);
  });

  it('leaves the gradients, and what lies beside its buffers, as they are', () => {
    const config = optimizerSchema.parse({ type: 'adam', clipNorm: 1e-3 });
    const kernels = createKernels(8192);
    const [params, grads] = [kernels.float32(12), kernels.float32(12)];
    grads.fill(1);
    const optimizer = createOptimizer(kernels, config, params.subarray(1, 7), grads.subarray(1, 7));
    optimizer.step(0.1, 1);
    expect([...grads]).toEqual(Array(12).fill(1));
    expect(params.subarray(1, 7).every(x => x < 0)).toBe(true);
    expect([params[0], ...params.subarray(7)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('first steps by hand', () => {
  it('Adam moves each parameter by the learning rate, whatever the size of the gradient', () => {
    const { params, grads, create } = setUp({ type: 'adam' }, 4);
    const optimizer = create();
    params.set([1, 1, 1, 1]);
    grads.set([100, -0.5, 1e-8, 0]);
    optimizer.step(0.1, 1);
    // m̂ = g and v̂ = g², so the step is 0.1 g / (|g| + 1e-8): half of it where g is epsilon.
    expect(params[0]).toBeCloseTo(0.9, 6);
    expect(params[1]).toBeCloseTo(1.1, 6);
    expect(params[2]).toBeCloseTo(0.95, 6);
    expect(params[3]).toBe(1);
    expect(optimizer.state.firstMoment![1]).toBeCloseTo(-0.05, 7);
    expect(optimizer.state.secondMoment![1]).toBeCloseTo(0.00025, 8);
  });

  it('AdamW also shrinks it by learning rate times decay', () => {
    const { params, grads, create } = setUp({ type: 'adamw', weightDecay: 0.5 }, 1);
    params[0] = 2;
    grads[0] = 3;
    create().step(0.1, 1);
    expect(params[0]).toBeCloseTo(2 * 0.95 - 0.1, 6);
  });

  it('momentum and its look-ahead', () => {
    for (const [nesterov, expected] of [
      [false, -(1 + 1.9)],
      [true, -(1.9 + (1 + 0.9 * 1.9))],
    ] as const) {
      const { params, grads, create } = setUp({ type: 'sgd', nesterov }, 1);
      const optimizer = create();
      params[0] = 0;
      grads[0] = 1;
      optimizer.step(1, 1);
      optimizer.step(1, 2);
      expect(params[0]).toBeCloseTo(expected, 5);
    }
  });

  it('the moving average starts at the parameters and soon follows them', () => {
    const { params, grads, create } = setUp({ type: 'sgd', momentum: 0, ema: 0.999 }, 1);
    params[0] = 1;
    const optimizer = create();
    grads[0] = 1;
    expect(optimizer.state.ema![0]).toBe(1);
    optimizer.step(1, 1); // parameter 0; decay min(0.999, 2/11)
    expect(optimizer.state.ema![0]).toBeCloseTo(2 / 11, 6);
  });
});

describe('what cannot be small or infinite', () => {
  it.each(['adam', 'sgd'] as const)(
    '%s: moments of gradients that become zero end at zero or a normal number',
    type => {
      const { params, grads, create } = setUp({ type, ...(type === 'adam' ? { beta2: 0.9 } : {}) }, 64);
      const optimizer = create();
      grads.fill(1e-3);
      optimizer.step(1e-3, 1);
      grads.fill(0);
      for (let t = 2; t <= 2000; t++) optimizer.step(1e-3, t);
      const smallestNormal = 2 ** -126;
      for (const moments of Object.values(optimizer.state)) {
        expect(moments.every(x => x === 0 || Math.abs(x) >= smallestNormal)).toBe(true);
      }
      const before = params.slice();
      optimizer.step(1e-3, 2001);
      expect(params).toEqual(before);
    },
  );

  it('Adam: gradients whose squares would be denormal make normal moments', () => {
    const { grads, create } = setUp({ type: 'adam' }, 64);
    const optimizer = create();
    grads.forEach((_, i) => {
      grads[i] = (i % 2 ? -1 : 1) * 10 ** (-15 - (i % 22));
    });
    optimizer.step(1e-3, 1);
    expect(optimizer.state.secondMoment!.every(x => x >= 2 ** -126)).toBe(true);
  });

  it('throws at gradients that are not finite before it changes anything, where it clips', () => {
    const { params, grads, create } = setUp({ type: 'adam', clipNorm: 1 });
    const optimizer = create();
    const before = params.slice();
    grads[50] = Number.NaN;
    expect(() => optimizer.step(1e-3, 7)).toThrow(LatentkitError);
    expect(params).toEqual(before);
    expect(optimizer.state.firstMoment!.every(x => x === 0)).toBe(true);
  });

  it('shows a NaN gradient in the parameters where it does not clip', () => {
    for (const type of ['adam', 'adamw', 'sgd'] as const) {
      const { params, grads, create } = setUp({ type });
      grads[50] = Number.NaN;
      create().step(1e-3, 1);
      expect(params[50]).toBeNaN();
      expect(params[51]).not.toBeNaN();
    }
  });
});

describe('the schema', () => {
  it('fills in defaults', () => {
    expect(optimizerSchema.parse({ type: 'adam' })).toEqual({
      type: 'adam',
      learningRate: 1e-3,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
    expect(optimizerSchema.parse({ type: 'sgd', ema: 0.99 })).toEqual({
      type: 'sgd',
      learningRate: 1e-2,
      momentum: 0.9,
      nesterov: false,
      ema: 0.99,
    });
  });

  it.each([
    { type: 'lion' },
    { type: 'adam', weightDecay: 1 },
    { type: 'adam', beta1: 1 },
    { type: 'sgd', clipNorm: 0 },
  ])('refuses %j', input => {
    expect(optimizerSchema.safeParse(input).success).toBe(false);
  });
});
