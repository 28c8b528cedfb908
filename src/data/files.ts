// Reading data files from disk. Node's file system is imported only when it is used, so browsers can load this too.

import { explained } from '../io-error.ts';

/**
 * A file's bytes.
 * @throws LatentkitError `io` where it cannot be read.
 */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  const buffer = await explained(path, 'read', () => readFile(path));
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** The names in a folder, or undefined where there is no such folder. */
export async function namesInFolder(path: string): Promise<string[] | undefined> {
  const { readdir } = await import('node:fs/promises');
  return readdir(path).catch(() => undefined);
}
