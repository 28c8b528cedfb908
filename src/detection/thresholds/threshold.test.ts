import { describe, expect, it } from 'vitest';
import { normals, uniforms } from '../testing.ts';
import { conformalPValue, sortedScores } from './conformal.ts';
import { setThreshold, type ThresholdRule, verdictOn } from './threshold.ts';

const calibration = sortedScores(normals(999, 'calibration'));
const fresh = normals(5000, 'fresh');
const called = (rule: ThresholdRule, scores: ArrayLike<number> = fresh, unsure?: number): string[] => {
  const threshold = setThreshold(rule, calibration, scores, unsure);
  return Array.from(scores, score => verdictOn(score, threshold));
};
const share = (verdicts: readonly string[], of = 'anomaly'): number =>
  verdicts.filter(verdict => verdict === of).length / verdicts.length;

describe('setThreshold', () => {
  it('conformal: the rate, within what it says of itself', () => {
    const threshold = setThreshold({ method: 'conformal', falseAlarmRate: 0.05 }, calibration, []);
    expect(threshold).toMatchObject({ falseAlarmRate: 0.05, calibrationRows: 999, smallestRate: 0.001, notes: [] });
    const spread = Math.hypot(threshold.falseAlarmDeviation!, Math.sqrt((0.05 * 0.95) / fresh.length));
    expect(Math.abs(share(called({ method: 'conformal', falseAlarmRate: 0.05 })) - 0.05)).toBeLessThan(4 * spread);
  });

  it('conformal: a rate that the rows cannot promise is refused, and by default the smallest is taken and said', () => {
    const few = calibration.subarray(0, 19);
    const asked = (falseAlarmRate?: number) => setThreshold({ method: 'conformal', falseAlarmRate }, few, []);
    expect(() => asked(0.01)).toThrow(/19 held-out rows can promise a rate of 5 % or more, got 1 %, which takes 99\./);
    expect(asked(0.05)).toMatchObject({ anomalyAbove: few[18], notes: [] });
    expect(asked()).toMatchObject({ anomalyAbove: few[18], falseAlarmRate: 0.05 });
    expect(asked().notes[0]).toMatch(/cannot promise fewer false alarms than 5 %/);
    expect(setThreshold({ method: 'conformal' }, calibration, []).falseAlarmRate).toBe(0.01);
  });

  it('peaksOverThreshold: a rate below the smallest', () => {
    const rule = { method: 'peaksOverThreshold', falseAlarmRate: 1e-4 } as const;
    const { anomalyAbove } = setThreshold(rule, calibration, []);
    expect(Math.abs(anomalyAbove - 3.719)).toBeLessThan(0.6);
    expect(setThreshold({ ...rule, falseAlarmRate: 0.3 }, calibration, []).notes).toHaveLength(1);
  });

  it('benjaminiHochberg: finds what sticks out of a batch, and says where too few rows are held out', () => {
    const batch = [...normals(200, 'batch'), ...Array<number>(20).fill(6)];
    const rule = { method: 'benjaminiHochberg', falseDiscoveryRate: 0.1 } as const;
    const verdicts = called(rule, batch);
    expect(verdicts.slice(200)).toEqual(Array(20).fill('anomaly'));
    expect(share(verdicts.slice(0, 200))).toBeLessThan(0.05);
    expect(share(called(rule, normals(200, 'none')))).toBe(0);
    const { notes } = setThreshold(rule, calibration.subarray(0, 99), batch);
    expect(notes[0]).toMatch(/no p-value below 1 %: among 220 rows, fewer than 22 anomalies cannot be told/);
  });

  it('contamination: the share of the batch that scores highest', () => {
    expect(share(called({ method: 'contamination', contamination: 0.03 }))).toBe(0.03);
    expect(called({ method: 'contamination', contamination: 0.5 }, [3, 1, 2, 4])).toEqual([
      'anomaly',
      'normal',
      'normal',
      'anomaly',
    ]);
  });

  it('score: as told, with what it would do to normal rows', () => {
    const middle = calibration[499]!;
    const { anomalyAbove, notes } = setThreshold({ method: 'score', score: middle }, calibration, []);
    expect([anomalyAbove, notes[0]]).toEqual([middle, 'Of the held-out normal rows, 49.9 % score higher.']);
  });

  it('unsure: the zone between two p-values', () => {
    const rule = { method: 'conformal', falseAlarmRate: 0.01 } as const;
    const verdicts = called(rule, fresh, 0.1);
    fresh.forEach((score, i) => {
      const p = conformalPValue(calibration, score);
      expect(verdicts[i]).toBe(p <= 0.01 ? 'anomaly' : p <= 0.1 ? 'unsure' : 'normal');
    });
    expect(() => called(rule, fresh, 0.005)).toThrow(/unsure: expected a p-value beyond .* 1 % here, got 0.005/);
    expect(() => called({ method: 'score', score: -5 }, fresh, 0.1)).toThrow(/expected a p-value beyond/);
  });
});

it('verdictOn: what is no number is as high as can be', () => {
  const threshold = setThreshold({ method: 'conformal' }, sortedScores(uniforms(100, 'verdict')), []);
  expect(verdictOn(Number.NaN, threshold)).toBe('anomaly');
});
