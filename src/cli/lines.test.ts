import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { arrivingLines } from './lines.ts';

async function textOf(input: NodeJS.ReadableStream): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of arrivingLines(input)) texts.push(new TextDecoder().decode(bytes));
  return texts;
}

describe('arrivingLines', () => {
  it('gives whole lines however they come in pieces, and the last without an end', async () => {
    const text = 'first\nsecond, é\n\nfourth\r\nlast';
    const bytes = Buffer.from(text);
    for (const size of [1, 2, 5, 11, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const texts = await textOf(Readable.from(pieces));
      expect(texts.join('')).toBe(text);
      for (const part of texts.slice(0, -1)) expect(part.endsWith('\n')).toBe(true);
    }
    expect(await textOf(Readable.from([]))).toEqual([]);
    expect(await textOf(Readable.from(['a\n']))).toEqual(['a\n']);
  });

  it('gives what is there at once, and what came meanwhile together', async () => {
    const input = new PassThrough();
    const lines = arrivingLines(input);
    input.write('one\n');
    expect(new TextDecoder().decode((await lines.next()).value!)).toBe('one\n');
    for (const text of ['two\n', 'thr', 'ee\nfo']) input.write(text);
    await new Promise(resolve => setImmediate(resolve));
    let rest = '';
    input.end('ur');
    for await (const bytes of lines) rest += new TextDecoder().decode(bytes);
    expect(rest).toBe('two\nthree\nfour');
  });

  it('stops its source while much waits, and passes its failure on', async () => {
    let given = 0;
    const source = new Readable({
      read() {
        given += 2 ** 16;
        this.push(`${'x'.repeat(2 ** 16 - 1)}\n`);
      },
    });
    const lines = arrivingLines(source);
    await lines.next();
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(given).toBeLessThan(2 ** 24);
    source.destroy(new Error('the pipe broke'));
    await expect(
      textOf(
        Readable.from(
          (async function* () {
            yield 'a';
            throw new Error('gone');
          })(),
        ),
      ),
    ).rejects.toThrow('gone');
  });
});
