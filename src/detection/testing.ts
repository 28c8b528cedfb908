// Shared by the tests of this folder: draws that are the same each time.

import { streamOf, wordsOf } from '../random/index.ts';

/** Uniform numbers within (0, 1). */
export function uniforms(count: number, name: string): Float64Array {
  const next = wordsOf({ seed: 0, stream: streamOf(name), step: 0 });
  return Float64Array.from({ length: count }, () => (next() + 0.5) / 2 ** 32);
}

/** Standard normal numbers (Box and Muller 1958). */
export function normals(count: number, name: string): Float64Array {
  const [a, b] = [uniforms(count, `${name}/radius`), uniforms(count, `${name}/angle`)];
  return a.map((u, i) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * b[i]!));
}
