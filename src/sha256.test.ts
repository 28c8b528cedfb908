import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPortableSha256, sha256Hex } from './sha256.ts';

describe('sha256', () => {
  it('gives the published digests (FIPS 180-4 examples)', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('gives the same digests without Node, whatever pieces the bytes come in', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), pieces => {
        const portable = createPortableSha256();
        const reference = createHash('sha256');
        for (const piece of pieces) {
          portable.update(piece);
          reference.update(piece);
        }
        expect(portable.hex()).toBe(reference.digest('hex'));
      }),
    );
  });
});
