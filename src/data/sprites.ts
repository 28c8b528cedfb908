// A procedural data set whose true factors are known, for measuring disentanglement: one white sprite on black, of every
// shape × scale × rotation × x × y, in the sizes and the order of dSprites (Matthey et al. 2017), but drawn here. Rows
// are drawn when they are read, so the 3 GB of pixels are never kept.

import { LatentkitError } from '../errors.ts';
import { permutation, streamOf } from '../random/index.ts';
import { createSha256 } from '../sha256.ts';
import type { DataSplits, Factor, FactorDataset } from './dataset.ts';
import { checkTarget, noSuchRow } from './dataset.ts';

const SIDE = 64;
/** Half the extent of the largest sprite, in pixels. */
const REACH = 16;

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

const shapes = ['square', 'ellipse', 'heart'] as const;
/** Of the largest sprite. */
const scales = [0.5, 0.6, 0.7, 0.8, 0.9, 1];
/** In radians, clockwise. */
const rotations = range(40).map(k => (2 * Math.PI * k) / 40);
/** Of the centre, in pixels from the left or the top: as far as the largest sprite stays inside. */
const places = range(32).map(i => REACH + 0.5 + i);

const factors: readonly Factor[] = [
  { name: 'shape', values: shapes },
  { name: 'scale', values: scales },
  { name: 'rotation', values: rotations },
  { name: 'x', values: places },
  { name: 'y', values: places },
];

const SIZE = factors.reduce((product, { values }) => product * values.length, 1);

/** Changes whenever the same row would be drawn otherwise: part of every fingerprint. */
const RECIPE = 'latentkit sprites 1';

/** Whether a point lies in a shape, in units of the sprite's reach, v downwards. Products alone: exact everywhere. */
const inside: Readonly<Record<(typeof shapes)[number], (u: number, v: number) => boolean>> = {
  square: (u, v) => Math.abs(u) <= 0.66 && Math.abs(v) <= 0.66,
  ellipse: (u, v) => 1.1 * u * u + 3.5 * v * v <= 1,
  // (x² + y² − 1)³ ≤ x² y³, the heart curve, upright.
  heart(u, v) {
    const [x, y] = [1.36 * u, 0.12 - 1.36 * v];
    const disc = x * x + y * y - 1;
    return disc * disc * disc <= x * x * y * y * y;
  },
};

/** Sines and cosines to six places: engines may differ in their last bits, and pictures must not. */
const turns = rotations.map(angle => [Math.cos(angle), Math.sin(angle)].map(n => Math.round(n * 1e6) / 1e6));

/** The factors' numbers of a position in the source, the last factor fastest. */
function numbersAt(position: number): [shape: number, scale: number, rotation: number, x: number, y: number] {
  let rest = position;
  const numbers = factors.toReversed().map(({ values }) => {
    const number = rest % values.length;
    rest = Math.floor(rest / values.length);
    return number;
  });
  return numbers.reverse() as [number, number, number, number, number];
}

/** The same as real numbers: which shape it is, and how it stands; an angle by its cosine and sine, the rest from 0 to 1. */
const attributeNames = [...shapes, 'scale', 'cosine', 'sine', 'x', 'y'];

function attributesOf(position: number): number[] {
  const [shape, scale, rotation, x, y] = numbersAt(position);
  const share = (number: number, values: readonly unknown[]): number => number / (values.length - 1);
  const is = shapes.map((_, i) => (i === shape ? 1 : 0));
  return [...is, share(scale, scales), ...turns[rotation]!, share(x, places), share(y, places)];
}

/** Draws a sprite into 64×64 bytes: a pixel is white where its centre lies in the shape. */
function draw(position: number, into: Uint8Array): void {
  const [shape, scale, rotation, x, y] = numbersAt(position);
  const contains = inside[shapes[shape]!];
  const [cos, sin] = turns[rotation] as [number, number];
  const reach = REACH * scales[scale]!;
  const [left, top] = [places[x]! - 0.5, places[y]! - 0.5];
  const around = Math.ceil(reach);
  into.fill(0);
  for (let down = -around; down <= around; down++) {
    for (let right = -around; right <= around; right++) {
      const u = (right * cos + down * sin) / reach;
      const v = (down * cos - right * sin) / reach;
      if (contains(u, v)) into[(top + down) * SIDE + left + right] = 255;
    }
  }
}

/** The rows at some positions of the whole; at all where none are given. */
function spritesAt(positions?: Uint32Array): FactorDataset {
  const size = positions?.length ?? SIZE;
  let labels: Uint8Array | undefined;
  let fingerprint: string | undefined;
  const positionOf = (row: number): number => {
    if (row >= 0 && row < size && Number.isInteger(row)) return positions?.[row] ?? row;
    throw noSuchRow(dataset, row);
  };
  const dataset: FactorDataset = {
    name: 'sprites',
    size,
    shape: [SIDE, SIDE, 1],
    dtype: 'uint8',
    range: [0, 255],
    get labels() {
      labels ??= Uint8Array.from({ length: size }, (_, row) => numbersAt(positionOf(row))[0]);
      return { values: labels, names: shapes };
    },
    /** Of the recipe and the rows' positions, not of the pixels, which would take half a minute to draw. */
    get fingerprint() {
      fingerprint ??= fingerprintOf(positions);
      return fingerprint;
    },
    position: positionOf,
    read(rows, into) {
      checkTarget(dataset, rows.length, into);
      if (!(into instanceof Uint8Array)) return;
      for (let i = 0; i < rows.length; i++) {
        draw(positionOf(rows[i]!), into.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE));
      }
    },
    attributes: {
      names: attributeNames,
      read(rows, into) {
        for (let i = 0; i < rows.length; i++) into.set(attributesOf(positionOf(rows[i]!)), i * attributeNames.length);
      },
    },
    factors,
    readFactors(rows, into) {
      if (into.length < rows.length * factors.length) {
        throw new LatentkitError(
          'data',
          `sprites: expected room for ${rows.length * factors.length} numbers, ${factors.length} factors of ` +
            `${rows.length} rows, got a buffer of ${into.length}. Allocate it by the number of factors.`,
        );
      }
      for (let i = 0; i < rows.length; i++) into.set(numbersAt(positionOf(rows[i]!)), i * factors.length);
    },
  };
  return dataset;
}

function fingerprintOf(positions: Uint32Array | undefined): string {
  const hash = createSha256();
  hash.update(new TextEncoder().encode(JSON.stringify({ recipe: RECIPE, shape: [SIDE, SIDE, 1], factors })));
  if (positions) hash.update(new Uint8Array(positions.buffer, positions.byteOffset, positions.byteLength));
  return hash.hex();
}

/**
 * All 737,280 sprites: uint8 [64, 64, 1], black or white. Factors, the last fastest: shape (square, ellipse, heart), scale
 * (6), rotation (40), x and y (32 each). Labels are the shapes. As in dSprites a square looks the same after a quarter
 * turn, and an ellipse after a half. The same as attributes: shape, scale, cosine and sine, x, y. The fingerprint is of the recipe, not of the pixels; that of a `subset` is of its
 * pixels.
 */
export const sprites: FactorDataset = spritesAt();

/**
 * The sprites split for training: 10,000 rows test and 5,000 validate, drawn by a fixed shuffle; 722,280 are trained on. Rows
 * stay in the shuffle's order, so that the first ones, of which pictures and some figures are made, are like all.
 */
export async function loadSprites(): Promise<
  DataSplits & Readonly<Record<'train' | 'validation' | 'test', FactorDataset>>
> {
  const order = permutation(SIZE, { seed: 0, stream: streamOf('data/sprites'), step: 0 });
  const part = (start: number, end?: number): FactorDataset => spritesAt(order.slice(start, end));
  return { test: part(0, 10_000), validation: part(10_000, 15_000), train: part(15_000) };
}
