// Records of JSON that are all written alike, read from their bytes: making an object of each line would take longer than
// scoring its row. Whatever is not as expected is left to JSON.parse, so nothing is read here that is not read there, and alike.

import type { CellReader } from './readers.ts';

const [quote, comma, colon, space, backslash, minus, point] = [0x22, 0x2c, 0x3a, 0x20, 0x5c, 0x2d, 0x2e] as const;
const [zero, nine, opening, closing] = [0x30, 0x39, 0x7b, 0x7d] as const;
const encoder = new TextEncoder();

interface Field {
  /** Its name in quotes. */
  readonly key: Uint8Array;
  /** Where its number stands in a row; undefined of a field that no column has. */
  readonly place: number | undefined;
}

/** The order in which records have their fields, learned of one of them. */
export class JsonLayout {
  readonly #readers: readonly CellReader[];
  #fields: readonly Field[] = [];

  constructor(readers: readonly CellReader[]) {
    this.#readers = readers;
  }

  /** @param names of all fields of a record, in their order. Every column is among them. */
  learn(names: readonly string[]): void {
    const places = new Map(this.#readers.map(({ column }, place) => [column.name, place]));
    this.#fields = names.map(name => ({ key: encoder.encode(JSON.stringify(name)), place: places.get(name) }));
  }

  /** Writes the numbers of the record from `start` to `end`; false where it is not of this layout, or not simple. */
  read(bytes: Uint8Array, start: number, end: number, into: Float32Array, at: number): boolean {
    const fields = this.#fields;
    if (fields.length === 0 || bytes[start] !== opening) return false;
    let i = start + 1;
    for (let f = 0; f < fields.length; f++) {
      const { key, place } = fields[f]!;
      if (f > 0) {
        if (bytes[i] !== comma) return false;
        i++;
        if (bytes[i] === space) i++;
      }
      for (let k = 0; k < key.length; k++) if (bytes[i + k] !== key[k]) return false;
      i += key.length;
      if (bytes[i] !== colon) return false;
      i++;
      if (bytes[i] === space) i++;
      const reader = place === undefined ? undefined : this.#readers[place];
      const next =
        bytes[i] === quote
          ? text(bytes, i, end, reader, into, at + place!)
          : bare(bytes, i, end, reader, into, at + place!);
      if (next < 0) return false;
      i = next;
    }
    return bytes[i] === closing && i + 1 === end;
  }
}

/** Reads a text from its first quote on; what comes after it, or −1. */
function text(
  bytes: Uint8Array,
  start: number,
  end: number,
  reader: CellReader | undefined,
  into: Float32Array,
  at: number,
): number {
  let i = start + 1;
  while (i < end && bytes[i] !== quote) {
    if (bytes[i] === backslash || bytes[i]! < space) return -1;
    i++;
  }
  if (i >= end) return -1;
  if (reader === undefined) return i + 1;
  const trimmed =
    i > start + 1 &&
    bytes[start + 1]! > space &&
    bytes[start + 1]! < 0x80 &&
    bytes[i - 1]! > space &&
    bytes[i - 1]! < 0x80;
  if (!trimmed || isNumeric(reader)) return -1;
  return counted(reader, bytes, start + 1, i, into, at) ? i + 1 : -1;
}

/** Reads a number of a numeric column, or null; what comes after it, or −1. */
function bare(
  bytes: Uint8Array,
  start: number,
  end: number,
  reader: CellReader | undefined,
  into: Float32Array,
  at: number,
): number {
  let i = start;
  while (i < end && bytes[i] !== comma && bytes[i] !== closing) i++;
  const isNull =
    i === start + 4 &&
    bytes[start] === 0x6e &&
    bytes[start + 1] === 0x75 &&
    bytes[start + 2] === 0x6c &&
    bytes[start + 3] === 0x6c;
  if (isNull) {
    if (reader) into[at] = Number.NaN;
    return i;
  }
  if (!isPlainNumber(bytes, start, i)) return -1;
  if (reader === undefined) return i;
  return isNumeric(reader) && counted(reader, bytes, start, i, into, at) ? i : -1;
}

/** Reads a value; what would be counted as unseen or infinite is left to the other way, which counts it once. */
function counted(
  reader: CellReader,
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Float32Array,
  at: number,
): boolean {
  const { tally } = reader;
  const { unseen, infinite, first } = tally;
  const read = reader.ofBytes(bytes, start, end, into, at);
  if (tally.unseen === unseen && tally.infinite === infinite) return read;
  Object.assign(tally, { unseen, infinite, first });
  return false;
}

function isNumeric({ column }: CellReader): boolean {
  return column.type === 'numeric' && column.date === undefined;
}

/** Whether bytes are a number as JSON writes it, without an exponent. */
function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let i = bytes[start] === minus ? start + 1 : start;
  const first = i;
  while (i < end && bytes[i]! >= zero && bytes[i]! <= nine) i++;
  if (i === first || (bytes[first] === zero && i > first + 1)) return false;
  if (i === end) return true;
  if (bytes[i] !== point) return false;
  const fraction = ++i;
  while (i < end && bytes[i]! >= zero && bytes[i]! <= nine) i++;
  return i === end && i > fraction;
}
