// The README's library example, run as it stands (for one epoch) against the built package.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the example of the README runs', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(readme)![1]!;
  const built = JSON.stringify(new URL('../dist/index.js', import.meta.url));
  const script = `${example.replace("'latentkit'", built).replace('epochs: 5', 'epochs: 1')}
    console.log(JSON.stringify([samples.shape, codes.shape]));`;
  const directory = await mkdtemp(join(tmpdir(), 'latentkit-readme-'));
  try {
    await writeFile(join(directory, 'example.mjs'), script);
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: directory });
    expect(stdout.trim().split('\n').at(-1)).toBe('[[16,28,28,1],[10,32]]');
    expect(Number(/negElbo: ([\d.]+)/.exec(stdout)![1])).toBeLessThan(145);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
