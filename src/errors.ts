// One error class for everything that a user can mend: a stable `code` for programs, and for people a message that
// says what was expected, what came, and what to do about it.

/** What kind of thing went wrong; stable across versions, for programs to branch on. */
export type ErrorCode =
  | 'shape' // tensors or layers that do not fit together
  | 'spec' // a model spec, a config or an option that is not valid
  | 'data' // an input file or array that is not what it should be
  | 'artifact' // a run folder, checkpoint or model file that is damaged, missing or of another version
  | 'runtime' // an execution device that is not available, or failed
  | 'training' // training that cannot go on
  | 'usage' // a command or call that makes no sense as given
  | 'io' // the file system refused
  | 'internal'; // a fault of Latentkit itself

/** An error that names what was expected, what came, and how to mend it. */
export class LatentkitError extends Error {
  override readonly name = 'LatentkitError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
