// Where artifacts are kept: a handful of operations that a disk, memory and later a server or a browser can all give.
// Run folders, checkpoints and reports are written against this interface only.

import { LatentkitError } from '../errors.ts';

/** A place for named files. Paths are relative, with forward slashes: `checkpoint/state.json`. */
export interface Folder {
  /** A file's bytes. Throws LatentkitError `io` where there is none. */
  read(path: string): Promise<Uint8Array>;
  has(path: string): Promise<boolean>;
  /** All paths, in the order of their code units. */
  list(): Promise<string[]>;
  /** Writes a whole file. After a crash, the path holds either all of the old content or all of the new. */
  write(path: string, content: Uint8Array | string): Promise<void>;
  /** Adds text to the end of a file, which is made where there is none. */
  append(path: string, text: string): Promise<void>;
  /** Removes a file; does nothing where there is none. */
  remove(path: string): Promise<void>;
  /** What an error message calls this path. */
  describe(path: string): string;
}

/**
 * A path as folders accept it: relative, without empty parts, `.` and `..`, and without backslashes.
 * @throws LatentkitError `usage`: a path from outside must not lead out of the folder.
 */
export function checkPath(path: string): string {
  const parts = path.split('/');
  if (parts.some(part => part === '' || part === '.' || part === '..') || /[\\\0]|^[A-Za-z]:/.test(path)) {
    throw new LatentkitError(
      'usage',
      `expected a path inside the folder such as "checkpoint/state.json", got ${JSON.stringify(path)}. Leave out "..", empty parts, backslashes and drive letters.`,
    );
  }
  return path;
}
