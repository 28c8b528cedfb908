// How far a task has come: on a terminal one line that is drawn over, otherwise a line every ten seconds.

import type { Io } from './io.ts';

/** A view of a task's progress. */
export interface TaskProgress {
  /** Tells the share that is done, from 0 to 1. */
  tell(share: number): void;
  /** Says a sentence of its own. */
  note(sentence: string): void;
  /** Takes the line away. */
  close(): void;
}

const secondsBetweenLines = 10;

/** The view that suits the stream; nothing is shown where `quiet`. */
export function taskProgress(
  { stderr }: Pick<Io, 'stderr'>,
  { name, quiet = false }: { readonly name: string; readonly quiet?: boolean | undefined },
  now: () => number = () => performance.now(),
): TaskProgress {
  const line = (share: number): string => `${name} ${Math.floor(100 * share)} %`;
  if (quiet) return { tell: () => undefined, note: () => undefined, close: () => undefined };
  if (stderr.isTTY) {
    let shown = '';
    const clear = (): void => void (shown !== '' && stderr.write('\r\x1b[K'));
    return {
      tell(share) {
        if (shown === line(share)) return;
        shown = line(share);
        stderr.write(`\r${shown}`);
      },
      note(sentence) {
        clear();
        shown = '';
        stderr.write(`${sentence}\n`);
      },
      close: clear,
    };
  }
  let last = now();
  return {
    tell(share) {
      if (now() - last < 1000 * secondsBetweenLines) return;
      last = now();
      stderr.write(`${line(share)}\n`);
    },
    note: sentence => void stderr.write(`${sentence}\n`),
    close: () => undefined,
  };
}
