// What the file system says, in words that tell what to do.

import { LatentkitError } from './errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder. Check the path',
  EACCES: 'permission denied. Change its permissions, or use a folder of your own',
  EPERM: 'the system does not permit it. Change its permissions, or use a folder of your own',
  EROFS: 'the file system is read-only. Use another folder',
  ENOSPC: 'the disk is full. Free some space, or use another disk; what was there before is unharmed',
  EDQUOT: 'your disk quota is used up. Free some space; what was there before is unharmed',
  ENOTDIR: 'a part of the path is a file, not a folder. Choose another path',
  EISDIR: 'expected a file, got a folder. Choose another path',
  EEXIST: 'a file of this name is in the way. Move it, or choose another path',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n)',
};

/**
 * Runs a file operation; what the system refuses becomes a LatentkitError `io`.
 * @param verb what was tried: "read", "write", ...
 */
export async function explained<T>(path: string, verb: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof LatentkitError) throw cause;
    const code = codeOf(cause);
    const reason = (code && REASONS[code]) ?? (cause instanceof Error ? cause.message : String(cause));
    throw new LatentkitError('io', `cannot ${verb} ${path}: ${reason}${code ? ` (${code})` : ''}.`, { cause });
  }
}

/** The system's code (ENOENT, ...) of an error, if it has one. */
export function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
