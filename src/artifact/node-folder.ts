// A folder on disk, safe against being killed: a file is written aside, synced, renamed over the old one, and the
// rename synced. What a killed process left aside is removed by the next one that writes here.

import { LatentkitError } from '../errors.ts';
import { codeOf, explained } from '../io-error.ts';
import { checkPath, type Folder } from './folder.ts';

const ASIDE = /^\.latentkit-(\d+)-\d+\.tmp$/;
const STALE_AFTER_MS = 60_000;
let written = 0;

/**
 * Opens a directory.
 * @param options.create make the directory, and its parents, where it does not exist
 * @throws LatentkitError `io` where it does not exist, is not a directory or cannot be made. So do all its methods
 * where the file system refuses, naming the file, the reason and what to do.
 */
export async function nodeFolder(directory: string, options: { create?: boolean } = {}): Promise<Folder> {
  const fs = await import('node:fs/promises');
  const nodePath = await import('node:path');
  const root = nodePath.resolve(directory);
  const at = (path: string): string => nodePath.join(root, ...checkPath(path).split('/'));

  if (options.create) await explained(root, 'make', () => fs.mkdir(root, { recursive: true }));
  const isDirectory = await explained(root, 'open', async () => (await fs.stat(root)).isDirectory());
  if (!isDirectory) {
    throw new LatentkitError('io', `${root}: expected a folder, got a file. Name another folder, or move the file.`);
  }

  let swept: Promise<void> | undefined;
  const sweep = (): Promise<void> => {
    swept ??= removeLeftovers();
    return swept;
  };
  const removeLeftovers = async (): Promise<void> => {
    for (const entry of await fs.readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])) {
      const pid = ASIDE.exec(entry.name)?.[1];
      if (pid === undefined) continue;
      const file = nodePath.join(entry.parentPath ?? entry.path, entry.name);
      const { mtimeMs = Date.now() } = (await fs.stat(file).catch(() => undefined)) ?? {};
      if (!isRunning(Number(pid)) || Date.now() - mtimeMs > STALE_AFTER_MS) await fs.rm(file, { force: true });
    }
  };

  const syncDirectory = async (path: string): Promise<void> => {
    // Windows cannot open a directory; there the rename alone has to do.
    const handle = await fs.open(path, 'r').catch(() => undefined);
    await handle?.sync().catch(() => undefined);
    await handle?.close();
  };

  const writeAside = async (target: string, content: Uint8Array | string): Promise<void> => {
    const parent = nodePath.dirname(target);
    await fs.mkdir(parent, { recursive: true });
    const aside = nodePath.join(parent, `.latentkit-${process.pid}-${Date.now()}${written++}.tmp`);
    try {
      const handle = await fs.open(aside, 'wx');
      try {
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await fs.rename(aside, target);
    } catch (cause) {
      await fs.rm(aside, { force: true }).catch(() => undefined);
      throw cause;
    }
    await syncDirectory(parent);
  };

  return {
    describe: at,
    async read(path) {
      const buffer = await explained(at(path), 'read', () => fs.readFile(at(path)));
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    },
    async has(path) {
      return fs.stat(at(path)).then(
        stat => stat.isFile(),
        () => false,
      );
    },
    async list() {
      const entries = await explained(root, 'list', () => fs.readdir(root, { recursive: true, withFileTypes: true }));
      return entries
        .filter(entry => entry.isFile() && !ASIDE.test(entry.name))
        .map(entry => nodePath.relative(root, nodePath.join(entry.parentPath ?? entry.path, entry.name)))
        .map(path => path.split(nodePath.sep).join('/'))
        .sort();
    },
    async write(path, content) {
      const target = at(path);
      await sweep();
      await explained(target, 'write', () => writeAside(target, content));
    },
    async append(path, text) {
      const target = at(path);
      await sweep();
      await explained(target, 'write', async () => {
        await fs.mkdir(nodePath.dirname(target), { recursive: true });
        await fs.appendFile(target, text);
      });
    },
    async remove(path) {
      const target = at(path);
      await explained(target, 'remove', () => fs.rm(target, { force: true }));
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) !== 'ESRCH';
  }
}
