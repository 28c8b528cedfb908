// NDJSON (JSON Lines): an object a line, of which a missing field is a missing value.

import { LatentkitError } from '../../errors.ts';
import { openBytes } from './bytes.ts';
import type { Cell } from './readers.ts';
import { indexRows } from './rows.ts';
import { blockCount, cannotRead, checkFields, rowsOfBlock, type TableFile } from './table-file.ts';

const decoder = new TextDecoder();
/** Of how many blocks, spread over the file, the fields are those of the table. */
const looked = 16;

/**
 * Opens a file of JSON objects. Its fields are those of some blocks of rows spread over the file, in the order in which
 * they are first met.
 * @throws LatentkitError `data` that names the line that is no object.
 */
export async function openNdjson(path: string, options: { readonly block?: number | undefined }): Promise<TableFile> {
  const bytes = await openBytes(path);
  const index = indexRows(bytes, { name: path, delimiter: undefined, header: false, block: options.block });
  const { rows, block, offsets, lines, sha256 } = index;
  if (rows === 0) throw new LatentkitError('data', `${path}: expected objects, one a line, got an empty file.`);
  const objects = (at: number): { readonly line: number; readonly row: JsonRow }[] => {
    const texts = decoder.decode(bytes.read(offsets[at]!, offsets[at + 1]!)).split('\n');
    return texts.flatMap((text, i) => {
      if (text.trim() === '') return [];
      const line = lines[at]! + i;
      return [{ line, row: objectOf(text, `${path}: line ${line}`) }];
    });
  };
  const blocks = blockCount(index);
  const step = Math.max(1, Math.floor(blocks / looked));
  const fields = new Set<string>();
  for (let at = 0; at < blocks; at += step) {
    for (const { row } of objects(at)) for (const name of Object.keys(row)) fields.add(name);
  }
  const names = [...fields];
  checkFields(path, names);
  return {
    path,
    format: 'ndjson',
    fields: names,
    rows,
    block,
    sha256,
    async cells(blocks) {
      const known = blocks.flatMap(at => objects(at));
      return names.map(name => known.map(({ row }) => cellOf(row, name)));
    },
    async open(readers) {
      const width = readers.length;
      return at => {
        const into = new Float32Array(rowsOfBlock(index, at) * width);
        objects(at).forEach(({ line, row }, i) => {
          readers.forEach(({ reader, field }, place) => {
            const cell = cellOf(row, names[field]!);
            if (reader.ofCell(cell, into, i * width + place)) return;
            throw cannotRead(`${path}: line ${line}`, reader.column, String(cell));
          });
        });
        return into;
      };
    },
  };
}

type JsonRow = Readonly<Record<string, unknown>>;

function objectOf(text: string, place: string): JsonRow {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new LatentkitError('data', `${place}: expected a JSON object, but ${detail}. Mend the line.`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRow;
  throw new LatentkitError('data', `${place}: expected a JSON object, got ${text.slice(0, 40)}. Mend the line.`);
}

/** What stands in a field; what is nested within it as the text that it is. */
function cellOf(row: JsonRow, name: string): Cell {
  const value = Object.hasOwn(row, name) ? row[name] : null;
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}
