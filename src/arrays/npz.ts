// NumPy's archives (numpy.savez, numpy.savez_compressed): zip files whose entries are npy files.

import { unzipSync } from 'fflate';
import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { decodeNpy } from './npy.ts';

/** Deflate packs a byte into no less than 1/1032; a size beyond that is damage, or meant to fill memory. */
const MAX_RATIO = 1032;

/**
 * An archive's arrays by name, those that are wanted: others are not unpacked.
 * @param name the file that errors name
 * @param wanted by default every array
 * @throws LatentkitError `data` where it is no zip file, is damaged, or an array is not one that `decodeNpy` reads.
 */
export function decodeNpz(
  file: Uint8Array,
  name: string,
  wanted: (array: string) => boolean = () => true,
): Readonly<Record<string, HostTensor>> {
  const arrayOf = (entry: string): string => entry.replace(/\.npy$/, '');
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(file, {
      filter: ({ name: entry, size, originalSize }) => {
        if (originalSize > size * MAX_RATIO) throw new Error(`${entry} says that it unpacks to ${originalSize} bytes`);
        return entry.endsWith('.npy') && wanted(arrayOf(entry));
      },
    });
  } catch (cause) {
    throw new LatentkitError(
      'data',
      `${name}: expected an npz file, got one that does not unpack (${cause instanceof Error ? cause.message : cause}). Copy it again, or write it with numpy.savez.`,
      { cause },
    );
  }
  return Object.fromEntries(
    Object.entries(entries).map(([entry, bytes]) => [arrayOf(entry), decodeNpy(bytes, `${name}/${entry}`)]),
  );
}
