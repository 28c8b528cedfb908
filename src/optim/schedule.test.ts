import { describe, expect, it } from 'vitest';
import { learningRateAt, type ScheduleInput, scheduleSchema } from './index.ts';

function rates(input: ScheduleInput, steps: readonly number[], totalSteps = 100): number[] {
  const schedule = scheduleSchema.parse(input);
  return steps.map(step => learningRateAt(schedule, 2, step, totalSteps));
}

describe('learningRateAt', () => {
  it('is constant, or rises to the base over the warm-up', () => {
    expect(rates({ type: 'constant' }, [1, 50, 1000])).toEqual([2, 2, 2]);
    expect(rates({ type: 'constant', warmupSteps: 4 }, [1, 2, 3, 4, 5])).toEqual([0.5, 1, 1.5, 2, 2]);
  });

  it('follows half a cosine from the base to the final share', () => {
    const [first, middle, last, after] = rates({ type: 'cosine', final: 0.1 }, [1, 51, 101, 500]);
    expect(first).toBe(2);
    expect(middle).toBeCloseTo(1.1, 12);
    expect(last).toBeCloseTo(0.2, 12);
    expect(after).toBeCloseTo(0.2, 12);
    const [top, half] = rates({ type: 'cosine', warmupSteps: 20 }, [21, 61]);
    expect(top).toBe(2);
    expect(half).toBeCloseTo(1, 12);
  });

  it('never grows after the warm-up, and never is zero within the training', () => {
    const all = rates(
      { type: 'cosine', warmupSteps: 10 },
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    for (let i = 10; i < 100; i++) {
      expect(all[i]!).toBeLessThanOrEqual(all[i - 1]!);
      expect(all[i]!).toBeGreaterThan(0);
    }
  });

  it('falls in steps, or evenly', () => {
    expect(rates({ type: 'step', every: 10 }, [1, 10, 11, 20, 21])).toEqual([2, 2, 1, 1, 0.5]);
    const [first, quarter, tenth] = rates({ type: 'exponential', every: 20, factor: 0.25 }, [1, 11, 21]);
    expect([first, quarter, tenth]).toEqual([2, 1, 0.5]);
  });

  it('goes through stages in proportion to their lengths', () => {
    const stages = [
      { length: 1, factor: 1 },
      { length: 3, factor: 0.5 },
      { length: 6, factor: 0.1 },
    ];
    const steps = [1, 10, 11, 40, 41, 100, 101, 500];
    expect(rates({ type: 'staged', stages }, steps)).toEqual([2, 2, 1, 1, 0.2, 0.2, 0.2, 0.2]);
    // The same stages over a training of half the steps, after a warm-up.
    expect(rates({ type: 'staged', stages, warmupSteps: 4 }, [2, 5, 9, 10, 24, 25, 54], 54)).toEqual([
      1, 2, 2, 1, 1, 0.2, 0.2,
    ]);
  });

  // Burda, Grosse and Salakhutdinov 2016, section 5: "3^i passes over the data with a learning rate of 0.001 · 10^(−i/7)
  // for i = 0 ... 7 (for a total of 3,280 passes)".
  it('is that of the importance weighted autoencoders', () => {
    const stages = Array.from({ length: 8 }, (_, i) => ({ length: 3 ** i, factor: 10 ** (-i / 7) }));
    const schedule = scheduleSchema.parse({ type: 'staged', stages });
    let pass = 0;
    for (let i = 0; i < 8; i++) {
      for (const step of [pass + 1, pass + 3 ** i]) {
        expect(learningRateAt(schedule, 0.001, step, 3280)).toBeCloseTo(0.001 * 10 ** (-i / 7), 12);
      }
      pass += 3 ** i;
    }
    expect(pass).toBe(3280);
  });

  it('survives a training shorter than its warm-up', () => {
    expect(rates({ type: 'cosine', warmupSteps: 200 }, [1, 100], 100)).toEqual([0.01, 1]);
  });
});

describe('the schema', () => {
  it('fills in defaults', () => {
    expect(scheduleSchema.parse({ type: 'cosine' })).toEqual({ type: 'cosine', warmupSteps: 0, final: 0 });
  });

  it.each([
    { type: 'step' },
    { type: 'constant', final: 1 },
    { type: 'cosine', warmupSteps: 0.5 },
    { type: 'staged', stages: [] },
  ])('refuses %j', input => {
    expect(scheduleSchema.safeParse(input).success).toBe(false);
  });
});
