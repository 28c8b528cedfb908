// A folder in memory: for tests, for the browser, and for artifacts that are only passed on.

import { LatentkitError } from '../errors.ts';
import { checkPath, type Folder } from './folder.ts';

/** An empty folder in memory. What is read is a copy, as from a disk. */
export function memoryFolder(name = 'memory'): Folder {
  const files = new Map<string, Uint8Array>();
  const describe = (path: string): string => `${name}:${path}`;
  return {
    describe,
    async read(path) {
      const bytes = files.get(checkPath(path));
      if (bytes === undefined) throw new LatentkitError('io', `${describe(path)}: there is no such file.`);
      return bytes.slice();
    },
    async has(path) {
      return files.has(checkPath(path));
    },
    async list() {
      return [...files.keys()].sort();
    },
    async write(path, content) {
      // A copy; `slice` of a Node Buffer would not be one.
      files.set(
        checkPath(path),
        typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content),
      );
    },
    async append(path, text) {
      const before = files.get(checkPath(path)) ?? new Uint8Array(0);
      const added = new TextEncoder().encode(text);
      const joined = new Uint8Array(before.length + added.length);
      joined.set(before);
      joined.set(added, before.length);
      files.set(path, joined);
    },
    async remove(path) {
      files.delete(checkPath(path));
    },
  };
}
