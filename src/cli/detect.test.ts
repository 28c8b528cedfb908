// The command from end to end on a small table: training, files, report, and a stream.

import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latentkit, scratchDirectory } from './testing.ts';

/** Rows about a line in two columns, with a category that goes with its side; `odd` ones are off it. */
function rowOf(i: number, odd = false): Record<string, number | string> {
  const t = ((i * 0.618034) % 1) * 4 - 2;
  const jitter = (((i * 0.7548777) % 1) - 0.5) / 5;
  return {
    length: 10 + 3 * t,
    weight: odd ? 50 - 8 * t : 50 + 8 * t + jitter,
    side: t > 0 ? 'right' : 'left',
    holes: 5 + Math.round(2 * t),
  };
}

const csvOf = (rows: readonly Record<string, unknown>[]): string =>
  [Object.keys(rows[0]!).join(), ...rows.map(row => Object.values(row).join())].join('\n');

let leave: () => Promise<void>;
const run = 'runs/pieces';
beforeAll(async () => {
  leave = await scratchDirectory();
  writeFileSync('pieces.csv', csvOf(Array.from({ length: 900 }, (_, i) => rowOf(i))));
  const today = Array.from({ length: 120 }, (_, i) => ({ ...rowOf(1000 + i, i < 6), kind: i < 6 ? 'bad' : 'good' }));
  writeFileSync('today.csv', csvOf(today));
  const flags = '--model table --hidden 24 --latent 2 --epochs 12 --batch-size 32 --quiet';
  const { code, stderr } = await latentkit(`train pieces.csv ${flags} --out ${run}`);
  expect([code, stderr]).toEqual([0, '']);
}, 60_000);
afterAll(() => leave());

describe('detect', () => {
  it('writes scores and a report, and says what it found', async () => {
    const { code, stdout, stderr } = await latentkit(
      `detect ${run} today.csv --false-alarm-rate 0.02 --out out/scores.csv --report out/report.html --every`,
    );
    expect([code, stderr]).toEqual([0, 'columns that the model does not know are left out: kind.\n']);
    expect(stdout).toMatch(/^120 rows of .*: \d+ anomalies\. Of normal rows 1\.6\d % ± [\d.]+ % are expected/);
    expect(stdout).toContain('written: out/scores.csv, out/report.html');
    const [header, ...lines] = readFileSync('out/scores.csv', 'utf8').trimEnd().split('\r\n');
    expect(header).toMatch(/^row,combined,.*negElbo.*,p_value,verdict$/);
    expect(lines).toHaveLength(120);
    const report = readFileSync('out/report.html', 'utf8');
    for (const part of ['Anomalies in', 'held-out normal rows', 'weight', 'nats beyond usual', 'Do these rows look']) {
      expect(report).toContain(part);
    }
  });

  it('changes its threshold without anything being fitted again', async () => {
    const files = ['safetensors', 'combined.safetensors'].map(name => `${run}/detector/held-out.${name}`);
    const before = files.map(file => readFileSync(file));
    const answer = (await latentkit(`detect ${run} today.csv --contamination 0.05 --json`)).json();
    expect(answer).toMatchObject({ rows: 120, counts: { anomaly: 6 }, threshold: { method: 'contamination' } });
    const worst = (answer.worst as { row: number }[]).map(({ row }) => row);
    expect(worst.filter(row => row < 6).length).toBeGreaterThanOrEqual(4);
    files.forEach((file, i) => {
      expect(readFileSync(file).equals(before[i]!)).toBe(true);
    });
    expect((await latentkit(`verify ${run}`)).code).toBe(0);
  });

  it('says what it needs', async () => {
    const errors: [string, RegExp][] = [
      ['--false-alarm-rate 0.0001', /60 held-out rows can promise a rate of 1\.64 % or more, got 0\.01 %/],
      ['--false-alarm-rate 0.1 --contamination 0.1', /no other way to set the threshold beside/],
      ['--method contamination', /the method "contamination" needs contamination/],
      ['--normal good', /expected today\.csv|have classes, got none/],
      ['--stream --contamination 0.1', /judges a batch of rows as a whole, which a stream is not/],
    ];
    for (const [flags, message] of errors) {
      const { code, stderr } = await latentkit(`detect ${run} today.csv ${flags}`);
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    }
  });
});

describe('detect --stream', () => {
  const answers = (stdout: string): Record<string, unknown>[] =>
    stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>);

  it('answers line by line as the task does, and goes on after a bad line', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => rowOf(2000 + i, i % 100 === 7));
    writeFileSync('rows.csv', csvOf(rows));
    const texts = rows.map(row => JSON.stringify(row));
    texts.splice(
      10,
      0,
      '{"length": 1, ',
      '',
      '[1, 2]',
      '{"length": "long", "weight": 3}',
      '{"lenght": 3, "weight": 2}',
    );
    const { code, stdout, stderr } = await latentkit(`detect ${run} --stream --unsure 0.1`, {
      input: texts.join('\n'),
    });
    expect(code).toBe(0);
    const all = answers(stdout);
    const wrong = all.filter(answer => 'error' in answer);
    expect(wrong.map(({ line }) => line)).toEqual([11, 13, 14, 15]);
    expect(wrong[0]!.error).toMatch(/^expected JSON/);
    expect(wrong[3]!.error).toMatch(/expected a field "length", got none, but "lenght"/);
    expect(stderr).toMatch(/^300 rows: \d+ anomalies, \d+ unsure .*\n4 lines could not be read/);
    await latentkit(`detect ${run} rows.csv --unsure 0.1 --out rows.ndjson`);
    const told = answers(readFileSync('rows.ndjson', 'utf8'));
    const right = all.filter(answer => !('error' in answer));
    expect(right.map(({ verdict, pValue }) => [verdict, pValue])).toEqual(
      told.map(({ verdict, pValue }) => [verdict, pValue]),
    );
    right.forEach(({ score }, i) => {
      expect(score).toBeCloseTo(told[i]!.combined as number, 6);
    });
  });

  it('answers a single line at once, before the stream ends', async () => {
    const input = new PassThrough();
    let seen = '';
    const told = latentkit(`detect ${run} --stream --quiet`, {
      input,
      onOutput(text) {
        seen += text;
        if (seen.split('\n').length === 2) input.write(`${JSON.stringify(rowOf(2))}\n{"length":`);
        if (seen.split('\n').length === 3) input.end('12,"weight":50,"side":null}');
      },
    });
    input.write(`${JSON.stringify(rowOf(1))}\n`);
    expect(answers((await told).stdout).map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  it('treats what is missing or unseen as missing, and says so', async () => {
    const lines = [
      '{"length":10,"weight":50,"side":"middle","holes":5}',
      '{"length":10,"weight":50,"holes":5}',
      '[10,50,null,5]',
    ];
    const { stdout, stderr } = await latentkit(`detect ${run} --stream`, { input: lines.join('\n') });
    const scores = answers(stdout).map(({ score }) => score);
    expect(scores[1]).toBe(scores[0]);
    expect(scores[2]).toBe(scores[0]);
    expect(stderr).toContain('1 values of unseen categories, taken as missing');
  });
});
