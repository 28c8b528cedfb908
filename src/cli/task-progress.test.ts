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

it('says sentences in lines of their own, the progress below them', async () => {
  const said = async (isTTY: boolean, quiet: boolean): Promise<string> => {
    const stderr = Object.assign(new PassThrough(), { isTTY });
    const view = taskProgress({ stderr }, { name: 'detect', quiet });
    view.tell(0.5);
    view.note('2 of 5 images cannot be read.');
    view.tell(0.5);
    view.close();
    stderr.end();
    return (await stderr.toArray()).join('');
  };
  expect(await said(true, false)).toBe('\rdetect 50 %\r\x1b[K2 of 5 images cannot be read.\n\rdetect 50 %\r\x1b[K');
  expect(await said(false, false)).toBe('2 of 5 images cannot be read.\n');
  expect(await said(true, true)).toBe('');
});
