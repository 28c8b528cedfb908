import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import type { Folder } from './folder.ts';
import { memoryFolder } from './memory-folder.ts';
import { nodeFolder } from './node-folder.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-folder-'));
afterAll(() => rm(scratch, { recursive: true }));
let made = 0;
const freshPath = () => join(scratch, `folder-${made++}`);

const kinds: [string, () => Promise<Folder>][] = [
  ['memoryFolder', async () => memoryFolder()],
  ['nodeFolder', () => nodeFolder(freshPath(), { create: true })],
];

const text = async (folder: Folder, path: string) => new TextDecoder().decode(await folder.read(path));
const failure = async (attempt: Promise<unknown>): Promise<LatentkitError> => {
  const error = await attempt.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(LatentkitError);
  return error as LatentkitError;
};

describe.each(kinds)('%s as a folder', (_, open) => {
  it('is empty at first', async () => {
    const folder = await open();
    expect(await folder.list()).toEqual([]);
    expect(await folder.has('a.json')).toBe(false);
  });

  it('gives back what was written, and replaces it', async () => {
    const folder = await open();
    await folder.write('a.json', '{"é":1}');
    await folder.write('deep/er/b.bin', Uint8Array.of(0, 255, 7));
    expect(await text(folder, 'a.json')).toBe('{"é":1}');
    expect([...(await folder.read('deep/er/b.bin'))]).toEqual([0, 255, 7]);
    await folder.write('a.json', 'new');
    expect(await text(folder, 'a.json')).toBe('new');
    expect(await folder.has('deep/er/b.bin')).toBe(true);
    expect(await folder.has('deep/er')).toBe(false);
  });

  it('keeps its content apart from the caller’s arrays', async () => {
    const folder = await open();
    const bytes = Uint8Array.of(1, 2, 3);
    await folder.write('x', bytes);
    bytes[0] = 9;
    const read = await folder.read('x');
    expect([...read]).toEqual([1, 2, 3]);
    read[1] = 9;
    expect([...(await folder.read('x'))]).toEqual([1, 2, 3]);
  });

  it('lists paths in order', async () => {
    const folder = await open();
    for (const path of ['b', 'a/z', 'a/b/c', 'Z']) await folder.write(path, path);
    expect(await folder.list()).toEqual(['Z', 'a/b/c', 'a/z', 'b']);
  });

  it('appends, and makes the file where there is none', async () => {
    const folder = await open();
    await folder.append('log/metrics.jsonl', '{"step":1}\n');
    await folder.append('log/metrics.jsonl', '{"step":2}\n');
    expect(await text(folder, 'log/metrics.jsonl')).toBe('{"step":1}\n{"step":2}\n');
  });

  it('removes, also what is not there', async () => {
    const folder = await open();
    await folder.write('a', 'a');
    await folder.remove('a');
    await folder.remove('a');
    expect(await folder.list()).toEqual([]);
  });

  it('names the file that is missing', async () => {
    const folder = await open();
    const error = await failure(folder.read('gone.json'));
    expect(error.code).toBe('io');
    expect(error.message).toContain(folder.describe('gone.json'));
    expect(error.message).toContain('no such file');
  });

  it.each(['', '/etc/passwd', '../x', 'a/../../x', 'a//b', './a', 'a\\b', 'C:x', 'a\0b'])(
    'refuses the path %j',
    async path => {
      const folder = await open();
      for (const attempt of [
        folder.read(path),
        folder.write(path, 'x'),
        folder.append(path, 'x'),
        folder.remove(path),
      ]) {
        expect((await failure(attempt)).code).toBe('usage');
      }
    },
  );

  it('survives many writes of one path at once', async () => {
    const folder = await open();
    const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(1000));
    await Promise.all(contents.map(content => folder.write('same', content)));
    expect(contents).toContain(await text(folder, 'same'));
    expect(await folder.list()).toEqual(['same']);
  });
});

describe('nodeFolder', () => {
  it('does not make a folder that it was not asked to make', async () => {
    const error = await failure(nodeFolder(join(scratch, 'nowhere')));
    expect(error.code).toBe('io');
    expect(error.message).toContain('ENOENT');
  });

  it('says that a file is in the way', async () => {
    const file = freshPath();
    await writeFile(file, 'x');
    expect((await failure(nodeFolder(file))).message).toContain('expected a folder, got a file');
    expect((await failure(nodeFolder(join(file, 'sub'), { create: true }))).message).toContain('not a folder');
    const folder = await nodeFolder(freshPath(), { create: true });
    await folder.write('a', 'x');
    expect((await failure(folder.write('a/b', 'x'))).code).toBe('io');
    expect((await failure(folder.read('a/b'))).message).toContain('ENOTDIR');
  });

  it('leaves nothing aside when a write fails', async () => {
    const path = freshPath();
    const folder = await nodeFolder(path, { create: true });
    await mkdir(join(path, 'taken'));
    await writeFile(join(path, 'taken', 'x'), 'x');
    expect((await failure(folder.write('taken', 'content'))).code).toBe('io');
    expect(await readdir(path)).toEqual(['taken']);
  });

  it('says that a disk is full', async ctx => {
    if (!existsSync('/dev/full')) ctx.skip();
    const folder = await nodeFolder('/dev');
    const error = await failure(folder.append('full', 'x'));
    expect(error.message).toContain('the disk is full');
  });

  it('removes what killed processes left aside, when it writes and not before', async () => {
    const path = freshPath();
    const folder = await nodeFolder(path, { create: true });
    await mkdir(join(path, 'checkpoint'));
    const ofDead = join(path, 'checkpoint', '.latentkit-999999999-1.tmp');
    const ofLiving = join(path, `.latentkit-${process.pid}-1.tmp`);
    const abandoned = join(path, `.latentkit-${process.pid}-2.tmp`);
    for (const file of [ofDead, ofLiving, abandoned]) await writeFile(file, 'half');
    await utimes(abandoned, new Date(0), new Date(0));
    expect(await folder.list()).toEqual([]);
    expect(await readdir(path)).toHaveLength(3);
    await folder.write('a', 'x');
    expect((await readdir(path)).sort()).toEqual([`.latentkit-${process.pid}-1.tmp`, 'a', 'checkpoint']);
    expect(await readdir(join(path, 'checkpoint'))).toEqual([]);
  });
});
