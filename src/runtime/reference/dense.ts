// The reference's arrays: row-major float64, whatever the element type, and the few loops over indices that it needs.

/** A dense row-major array of float64. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/** An array whose every element is computed from its coordinates. The coordinates' array is reused: copy it to keep. */
export function tabulate(shape: readonly number[], element: (at: readonly number[]) => number): Dense {
  const data = new Float64Array(lengthOf(shape));
  let flat = 0;
  forEachIndex(shape, at => {
    data[flat++] = element(at);
  });
  return { shape, data };
}

/** Calls with the coordinates of each element in row-major order; one array, changed in place. */
export function forEachIndex(shape: readonly number[], visit: (at: readonly number[]) => void): void {
  const at = shape.map(() => 0);
  for (let left = lengthOf(shape); left > 0; left--) {
    visit(at);
    for (let axis = at.length - 1; axis >= 0; axis--) {
      at[axis]! += 1;
      if (at[axis]! < shape[axis]!) break;
      at[axis] = 0;
    }
  }
}

/** Where the element at these coordinates lies in row-major order. */
export function offsetOf(shape: readonly number[], at: readonly number[]): number {
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) offset = offset * shape[axis]! + at[axis]!;
  return offset;
}

/** The element at these coordinates. */
export function elementAt(x: Dense, at: readonly number[]): number {
  return x.data[offsetOf(x.shape, at)]!;
}

/** The element of `x` that NumPy's broadcasting puts at the coordinates of a result: extra axes and ones count as 0. */
export function broadcastAt(x: Dense, at: readonly number[]): number {
  const lead = at.length - x.shape.length;
  let offset = 0;
  for (let axis = 0; axis < x.shape.length; axis++) {
    const dim = x.shape[axis]!;
    offset = offset * dim + (dim === 1 ? 0 : at[lead + axis]!);
  }
  return x.data[offset]!;
}
