// What the command line touches of the process: its streams and the interrupt. Tests give their own.

import picocolors from 'picocolors';
import { codeOf } from '../io-error.ts';

type Colors = ReturnType<typeof picocolors.createColors>;

/** A stream as the command line writes to it. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Colours where a person sees them: on a terminal, unless NO_COLOR is set (no-color.org). */
export function colorsOf({ stderr, env }: Io): Colors {
  return picocolors.createColors(stderr.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
}

/** What a command may touch of the process. */
export interface Io {
  /** Rows, of a command that takes them as they come. */
  readonly stdin: NodeJS.ReadableStream;
  /** Results: text for people, or with `--json` one object as the last line. */
  readonly stdout: Output;
  /** Progress, remarks and errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls the handler at the first Ctrl-C (or SIGTERM); a second one ends the process. Returns how to stop listening. */
  onInterrupt(handler: () => void): () => void;
}

/** The exit code of a command that was interrupted, as shells have it: 128 + SIGINT. */
export const interruptedExitCode = 130;

/** The streams and signals of this process. */
export function nodeIo(): Io {
  // A reader that has seen enough, such as `head`, closes the pipe; that is no error.
  process.stdout.on('error', error => {
    if (codeOf(error) !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    // Not touched unless a command reads it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    onInterrupt(handler) {
      let seen = false;
      const listener = (): void => {
        if (seen) process.exit(interruptedExitCode);
        seen = true;
        handler();
      };
      const signals = ['SIGINT', 'SIGTERM'] as const;
      for (const signal of signals) process.on(signal, listener);
      return () => {
        for (const signal of signals) process.off(signal, listener);
      };
    },
  };
}
