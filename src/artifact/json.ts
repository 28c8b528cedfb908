// Reads JSON files, with an error that names the file.

import { LatentkitError } from '../errors.ts';

/** Parses a JSON file's bytes. `name` is what the error calls it. */
export function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LatentkitError('artifact', `${name}: expected JSON, got something else (${reason}). Restore the file.`, {
      cause,
    });
  }
}
