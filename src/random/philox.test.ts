import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { keyWords, streamOf } from './key.ts';
import { philox4x32, type Words4, wordsOf } from './philox.ts';

describe('philox4x32', () => {
  // kat_vectors of the Random123 library, "philox4x32 10".
  const full = 0xffffffff;
  const vectors: readonly (readonly [Words4, readonly [number, number], Words4])[] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [full, full, full, full],
      [full, full],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];
  it.each(vectors)('gives the published answer for counter %j, key %j', (counter, key, answer) => {
    expect(philox4x32(counter, key)).toEqual(answer);
  });
});

describe('wordsOf', () => {
  it('lays sixteen elements out as four counters side by side', () => {
    const next = wordsOf({ seed: 5 + 7 * 2 ** 32, stream: 11, step: 13 });
    const words = Array.from({ length: 32 }, next);
    const block = (b: number): Words4 => philox4x32([b, 0, 13, 11], [5, 7]);
    expect(words.slice(0, 4)).toEqual([0, 1, 2, 3].map(b => block(b)[0]));
    expect(words.slice(4, 8)).toEqual([0, 1, 2, 3].map(b => block(b)[1]));
    expect(words.slice(28, 32)).toEqual([4, 5, 6, 7].map(b => block(b)[3]));
  });

  it('starts anywhere, past 2^32 blocks too', () => {
    const offset = 2 ** 40 + 21;
    const far = wordsOf({ seed: 1, stream: 2, step: 3, offset });
    // Element 2^40 + 21 is element 5 of group 2^36 + 1: block 2^38 + 4 + 1, word 1.
    expect(far()).toBe(philox4x32([5, 2 ** 6, 3, 2], [1, 0])[1]);
  });
});

describe('keys', () => {
  it('splits 53-bit numbers into words', () => {
    expect(keyWords({ seed: 2 ** 53 - 1, stream: 1, step: 2, offset: 2 ** 33 + 3 })).toEqual({
      key0: 0xffffffff,
      key1: 2 ** 21 - 1,
      stream: 1,
      step: 2,
      firstLow: 3,
      firstHigh: 2,
    });
  });

  it.each([{ seed: -1 }, { seed: 2 ** 53 }, { step: 2 ** 32 }, { stream: 0.5 }, { offset: Number.NaN }])(
    'refuses %j',
    part => {
      expect(() => keyWords({ seed: 0, stream: 0, step: 0, ...part })).toThrow(LatentkitError);
    },
  );

  it('makes streams of names, as FNV-1a does', () => {
    // FNV-1a of the bytes 61 00.
    let hash = BigInt(0x811c9dc5);
    for (const byte of [0x61n, 0n]) hash = ((hash ^ byte) * 0x01000193n) % 2n ** 32n;
    expect(streamOf('a')).toBe(Number(hash));
    const names = Array.from({ length: 10_000 }, (_, i) => `encoder/layer${i}/noise`);
    expect(new Set(names.map(streamOf)).size).toBe(names.length);
  });
});
