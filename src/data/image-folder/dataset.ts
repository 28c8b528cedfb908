// Some images of a folder as a data set.

import { LatentkitError } from '../../errors.ts';
import { createSha256 } from '../../sha256.ts';
import { checkTarget, type Dataset, type Labels, noSuchRow } from '../dataset.ts';
import type { ImageRows } from './image-rows.ts';

/** What a data set of images is made of. */
interface ImageSource {
  readonly name: string;
  readonly rows: ImageRows;
  /** Which images, by their places in the listing. */
  readonly places: Uint32Array;
  /** What the classes are called; a subfolder of another name is none. Without it there are no labels. */
  readonly classes: readonly string[] | undefined;
  /** What was left out or decided on the way here. */
  readonly notes?: readonly string[];
  /** The position of the listing's first image in the source; 0 by default. */
  readonly firstPosition?: number;
}

/**
 * A data set of images. One that turns out to be damaged only when its turn comes does not end a long training: the next
 * readable image of its class, of this data set, stands in for it, always the same, and a warning is emitted.
 */
export function imageDataset({ name, rows, places, classes, notes, firstPosition = 0 }: ImageSource): Dataset {
  const { size: side, channels } = rows.config;
  const labels = classes && labelsOf(rows, places, classes);
  const standIns = new Map<number, number>();
  let fingerprint: string | undefined;
  let asked = new Uint32Array(0);

  const placeOf = (row: number): number => {
    const place = places[row];
    if (place === undefined) throw noSuchRow(dataset, row);
    return place;
  };

  const findStandIn = async (row: number): Promise<void> => {
    const what = rows.damaged.get(placeOf(row));
    for (let step = 1; step < places.length; step++) {
      const other = (row + step) % places.length;
      if (labels && labels.values[other] !== labels.values[row]) continue;
      await rows.decode([placeOf(other)]);
      if (!rows.has(placeOf(other))) continue;
      standIns.set(row, placeOf(other));
      const { path } = rows.listing.files[placeOf(other)]!;
      process.emitWarning(`${what} Until then ${path} stands in for it.`, 'LatentkitWarning');
      return;
    }
    throw new LatentkitError('data', `${what} No image of its class can be read, so that none can stand in for it.`);
  };

  const dataset: Dataset = {
    name,
    size: places.length,
    shape: [...side, channels],
    dtype: 'uint8',
    range: [0, 255],
    labels,
    notes,
    /** Of the settings and the files (see `lookAt`), not of the pixels, which would have to be decoded. */
    get fingerprint() {
      fingerprint ??= fingerprintOf(rows.fingerprint, places, labels);
      return fingerprint;
    },
    position: row => firstPosition + placeOf(row),
    rowName: row => rows.listing.files[placeOf(row)]!.path,
    async prepare(asked) {
      await rows.decode(Array.from(asked, placeOf));
      for (const row of asked) {
        if (!rows.has(placeOf(row)) && !standIns.has(row)) await findStandIn(row);
      }
    },
    read(wanted, into) {
      checkTarget(dataset, wanted.length, into);
      if (!(into instanceof Uint8Array)) return;
      if (asked.length !== wanted.length) asked = new Uint32Array(wanted.length);
      for (let i = 0; i < wanted.length; i++) {
        const place = standIns.get(wanted[i]!) ?? placeOf(wanted[i]!);
        if (!rows.has(place)) {
          throw new LatentkitError('internal', `${name}: row ${wanted[i]} was read before it was prepared`);
        }
        asked[i] = place;
      }
      rows.read(asked, into);
    },
  };
  return dataset;
}

/** The images' classes, unless none is of any. */
function labelsOf({ listing }: ImageRows, places: Uint32Array, names: readonly string[]): Labels | undefined {
  const numbers = new Map(names.map((name, number) => [name, number]));
  const values = Int32Array.from(places, place => numbers.get(listing.files[place]!.folder ?? '') ?? -1);
  return values.some(number => number >= 0) ? { values, names } : undefined;
}

function fingerprintOf(whole: string, places: Uint32Array, labels: Labels | undefined): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(JSON.stringify([whole, labels?.names])));
  hash.update(new Uint8Array(places.buffer, places.byteOffset, places.byteLength));
  return hash.hex();
}
