import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { float32 } from '../runtime/index.ts';
import { encodeNpy } from './npy.ts';
import { decodeNpz } from './npz.ts';

describe('npz', () => {
  const x = float32(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const entries = { 'X.npy': encodeNpy(x), 'y.npy': encodeNpy(float32(Float32Array.of(0, 1), [2])) };
  const file = zipSync(entries);

  it('reads arrays by name, packed or stored, and only those that are wanted', () => {
    expect(Object.keys(decodeNpz(file, 'a.npz'))).toEqual(['X', 'y']);
    expect(decodeNpz(zipSync(entries, { level: 0 }), 'a.npz', name => name === 'X')).toEqual({ X: x });
  });

  it('refuses what is no archive, is cut off, or unpacks to more than it can hold', () => {
    expect(() => decodeNpz(entries['X.npy'], 'a.npz')).toThrow('a.npz: expected an npz file');
    expect(() => decodeNpz(file.subarray(0, file.length - 30), 'a.npz')).toThrow('does not unpack');
    const bomb = Uint8Array.from(file);
    // The central directory's own record of the unpacked size, 24 bytes after its signature.
    const directory = Buffer.from(bomb.buffer).indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    new DataView(bomb.buffer).setUint32(directory + 24, 0xf0000000, true);
    expect(() => decodeNpz(bomb, 'a.npz')).toThrow('says that it unpacks to 4026531840 bytes');
    expect(() => decodeNpz(zipSync({ 'X.npy': Uint8Array.of(1, 2) }), 'a.npz')).toThrow('a.npz/X.npy: expected an npy');
  });
});
