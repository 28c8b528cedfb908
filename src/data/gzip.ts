// Gzip on both sides, checked: fflate unpacks without looking at the checksum, so that is done here.

import { gunzipSync } from 'fflate';
import { LatentkitError } from '../errors.ts';

/** Deflate packs a byte into no less than 1/1032; a length beyond that is a damaged trailer. */
const MAX_RATIO = 1032;

/** Whether bytes begin as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Unpacks a gzip file of one member.
 * @throws LatentkitError `data` where it is cut off or damaged; `name` is the file that the error names.
 */
export function gunzip(bytes: Uint8Array, name: string): Uint8Array {
  const damaged = (detail: string, cause?: unknown) =>
    new LatentkitError('data', `${name}: expected a whole gzip file, but ${detail}. Download or copy it again.`, {
      cause,
    });
  if (bytes.length < 18) throw damaged(`it ends after ${bytes.length} bytes`);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 8, 8);
  const [checksum, length] = [trailer.getUint32(0, true), trailer.getUint32(4, true)];
  if (length > bytes.length * MAX_RATIO) throw damaged(`its end says that it unpacks to ${length} bytes`);
  let unpacked: Uint8Array;
  try {
    unpacked = gunzipSync(bytes);
  } catch (cause) {
    throw damaged(`it does not unpack (${cause instanceof Error ? cause.message : cause})`, cause);
  }
  if (unpacked.length !== length) throw damaged(`it unpacks to ${unpacked.length} bytes instead of ${length}`);
  if (crc32(unpacked) !== checksum) throw damaged('its checksum is not that of its contents');
  return unpacked;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
