// Lines of text as they come: what has arrived since the last time, without waiting for more. So a single line is answered at
// once, and a file that is piped in is worked on in large pieces.

import { LatentkitError } from '../errors.ts';

const newline = 0x0a;
/** The source is stopped while so much waits. */
const mostWaiting = 2 ** 22;
/** A longer line is no line. */
const longest = 2 ** 28;

/** The bytes of the whole lines that have come so far, again and again until the end; a last line needs no newline. */
export async function* arrivingLines(input: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = [];
  let waiting = 0;
  let ended = false;
  let failure: unknown;
  let wake = (): void => undefined;
  input.on('data', (chunk: Uint8Array | string) => {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    chunks.push(bytes);
    waiting += bytes.length;
    if (waiting > mostWaiting) input.pause();
    wake();
  });
  input.on('end', () => {
    ended = true;
    wake();
  });
  input.on('error', error => {
    failure = error;
    wake();
  });
  let rest: Uint8Array[] = [];
  let restLength = 0;
  for (;;) {
    if (chunks.length === 0 && !ended && failure === undefined) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
    const come = chunks;
    chunks = [];
    waiting = 0;
    input.resume();
    const last = come.findLastIndex(chunk => chunk.includes(newline));
    const atEnd = ended && come.length === 0;
    if (last < 0 && !atEnd) {
      rest.push(...come);
      restLength += come.reduce((sum, { length }) => sum + length, 0);
      if (restLength > longest) throw tooLong();
      continue;
    }
    const cut = last < 0 ? 0 : come[last]!.lastIndexOf(newline) + 1;
    const whole = last < 0 ? rest : [...rest, ...come.slice(0, last), come[last]!.subarray(0, cut)];
    const lines = whole.length === 1 ? whole[0]! : Buffer.concat(whole);
    rest = last < 0 ? [] : [come[last]!.subarray(cut), ...come.slice(last + 1)];
    restLength = rest.reduce((sum, { length }) => sum + length, 0);
    if (lines.length > 0) yield lines;
    if (atEnd) return;
  }
}

function tooLong(): LatentkitError {
  return new LatentkitError(
    'data',
    `standard input: expected lines, got ${longest} bytes without an end of line. Give one JSON value a line (NDJSON).`,
  );
}
