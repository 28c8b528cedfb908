// Reading data files from disk. Node's file system is imported only when it is used, so browsers can load this too.

import { explained } from '../io-error.ts';

/**
 * A file's bytes, or its first ones.
 * @throws LatentkitError `io` where it cannot be read.
 */
export async function readFileBytes(path: string, first?: number): Promise<Uint8Array> {
  const { open, readFile } = await import('node:fs/promises');
  const buffer = await explained(path, 'read', async () => {
    if (first === undefined) return readFile(path);
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(first), 0, first, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  });
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Whether a path is a file or a folder; undefined where there is neither. */
export async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const { stat } = await import('node:fs/promises');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

/** A path as it can be found again from any folder. */
export async function absolutePath(path: string): Promise<string> {
  const { resolve } = await import('node:path');
  return resolve(path);
}

/** The names in a folder, or undefined where there is no such folder. */
export async function namesInFolder(path: string): Promise<string[] | undefined> {
  const { readdir } = await import('node:fs/promises');
  return readdir(path).catch(() => undefined);
}
