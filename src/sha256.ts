// SHA-256 that works at once (no promise) on both sides: Node's own where there is one, else FIPS 180-4 in plain
// TypeScript. Fingerprints of data sets and checks of run folders are made of it.

/** A hash that is fed piece by piece. */
export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Ends the hash: 64 lower-case hexadecimal digits. */
  hex(): string;
}

/** A new SHA-256, Node's where the process has one. */
export function createSha256(): Sha256 {
  const crypto = globalThis.process?.getBuiltinModule?.('node:crypto');
  if (crypto === undefined) return createPortableSha256();
  const hash = crypto.createHash('sha256');
  return { update: bytes => void hash.update(bytes), hex: () => hash.digest('hex') };
}

/** The SHA-256 of some bytes, or of a text's UTF-8, as 64 lower-case hexadecimal digits. */
export function sha256Hex(content: Uint8Array | string): string {
  const hash = createSha256();
  hash.update(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  return hash.hex();
}

/** SHA-256 in plain TypeScript (about 40 MB/s), for where Node's is not to be had. */
export function createPortableSha256(): Sha256 {
  const state = firstPrimes(8).map(p => fraction(Math.sqrt(p)));
  const block = new Uint8Array(64);
  let filled = 0;
  let total = 0;

  const update = (bytes: Uint8Array): void => {
    total += bytes.length;
    let start = 0;
    while (start < bytes.length) {
      const part = bytes.subarray(start, start + 64 - filled);
      block.set(part, filled);
      filled += part.length;
      start += part.length;
      if (filled === 64) {
        compress(state, block);
        filled = 0;
      }
    }
  };

  const hex = (): string => {
    const length = total;
    update(Uint8Array.of(0x80));
    while (filled !== 56) update(Uint8Array.of(0));
    const bits = new DataView(new ArrayBuffer(8));
    bits.setBigUint64(0, BigInt(length) * 8n);
    update(new Uint8Array(bits.buffer));
    return state.map(word => (word >>> 0).toString(16).padStart(8, '0')).join('');
  };
  return { update, hex };
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every(p => n % p !== 0)) primes.push(n);
  return primes;
}

/** The first 32 bits of a number's fraction. */
function fraction(x: number): number {
  return ((x - Math.floor(x)) * 2 ** 32) | 0;
}

const roundConstants = Int32Array.from(firstPrimes(64), p => fraction(Math.cbrt(p)));
const schedule = new Int32Array(64);

function compress(state: number[], block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, 64);
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(i * 4);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i]! + w[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i]! + word) | 0;
}

function rotate(x: number, by: number): number {
  return (x >>> by) | (x << (32 - by));
}
