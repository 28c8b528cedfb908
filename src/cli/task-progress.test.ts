import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { taskProgress } from './task-progress.ts';

/** What a view writes of some shares, a second and a half apart. */
async function written(isTTY: boolean, quiet: boolean, shares: readonly number[]): Promise<string> {
  const stderr = Object.assign(new PassThrough(), { isTTY });
  let seconds = 0;
  const view = taskProgress({ stderr }, { name: 'generate', quiet }, () => 1000 * seconds);
  for (const share of shares) {
    seconds += 1.5;
    view.tell(share);
  }
  view.close();
  stderr.end();
  return (await stderr.toArray()).join('');
}

const shares = Array.from({ length: 20 }, (_, i) => (i + 1) / 20);

it('draws over its line on a terminal, and takes it away', async () => {
  expect(await written(true, false, [0.101, 0.109, 0.5, 1])).toBe(
    '\rgenerate 10 %\rgenerate 50 %\rgenerate 100 %\r\x1b[K',
  );
  expect(await written(true, false, [])).toBe('');
});

it('writes a line every ten seconds elsewhere, and nothing where it is to be quiet', async () => {
  expect(await written(false, false, shares)).toBe('generate 35 %\ngenerate 70 %\n');
  expect(await written(false, true, shares)).toBe('');
  expect(await written(true, true, shares)).toBe('');
});
