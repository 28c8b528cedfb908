// A residual block (He et al. 2016): the input is added to what its layers make of it. Where they change the number of
// channels or the size, a projection without bias, 1×1 for images, brings the input to the same shape.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import * as ops from '../../ops/index.ts';
import type { PartSchema } from '../../schema.ts';
import { weightInitial } from '../initializer.ts';
import { cannotTake, defineLayer, innerShape, type LayerDefinition } from '../layer.ts';
import type { Layer } from '../network.ts';
import type { Scope } from '../scope.ts';
import { repeatPixels } from './upsample.ts';

export interface Residual {
  readonly type: 'residual';
  /** One upon the other, from the block's input. */
  readonly layers: readonly Layer[];
}

/** The definition, given the schema of any layer: that schema contains this one. */
export function residualLayer(layer: () => PartSchema<Layer>): LayerDefinition<Residual> {
  return defineLayer<Residual>({
    type: 'residual',
    schema: z.strictObject({ type: z.literal('residual'), layers: z.array(z.lazy(layer)).min(1) }),
    build({ layers }, x, { scope, network }) {
      const y = network(layers, x);
      return ops.add(y, shortcut(x, y, scope));
    },
  });
}

/** `x` in the shape of `y`. */
function shortcut(x: Tensor, y: Tensor, scope: Scope): Tensor {
  const [from, to] = [innerShape(x), innerShape(y)];
  if (from.join() === to.join()) return x;
  if (from.length !== to.length || from.length > 3) {
    throw cannotTake(`layers that keep the number of axes (they give [${to.join(', ')}])`, x);
  }
  const [fanIn, fanOut] = [from[0]!, to[0]!];
  const initial = weightInitial(undefined, { fanIn, fanOut });
  if (from.length === 1) return ops.matmul(x, scope.parameter('projection', [fanIn, fanOut], initial));
  // A signal is an image of one row.
  const [height, width] = from.length === 2 ? [1, from[1]!] : [from[1]!, from[2]!];
  const [rows, columns] = to.length === 2 ? [1, to[1]!] : [to[1]!, to[2]!];
  const strides = [strideTo(height, rows), strideTo(width, columns)] as const;
  if (strides.includes(undefined)) {
    throw cannotTake(`layers that divide the size by a whole number, or multiply it (they give [${to.join(', ')}])`, x);
  }
  const batch = x.shape[0]!;
  const image = enlarge(ops.reshape(x, [batch, fanIn, height, width]), rows, columns);
  if (fanIn === fanOut && strides.every(n => n === 1)) return ops.reshape(image, y.shape);
  const weight = scope.parameter('projection', [fanOut, fanIn, 1, 1], initial);
  return ops.reshape(ops.conv2d(image, weight, { strides: strides as readonly [number, number] }), y.shape);
}

/** The stride of a projection that leaves ⌈from / stride⌉ places; 1 where there are to be more. */
function strideTo(from: number, to: number): number | undefined {
  if (to >= from) return 1;
  const stride = Math.ceil(from / to);
  return Math.ceil(from / stride) === to ? stride : undefined;
}

/** Pixels repeated until there are at least so many rows and columns, and the rest cut off. */
function enlarge(x: Tensor, rows: number, columns: number): Tensor {
  const [height, width] = x.shape.slice(2) as [number, number];
  const scale = [Math.max(1, Math.ceil(rows / height)), Math.max(1, Math.ceil(columns / width))] as const;
  const large = scale.some(n => n > 1) ? repeatPixels(x, scale) : x;
  const high = rows > height ? ops.slice(large, 2, 0, rows) : large;
  return columns > width ? ops.slice(high, 3, 0, columns) : high;
}

/** Adds the input to what the layers make of it. */
export function residual(...layers: readonly Layer[]): Residual {
  return { type: 'residual', layers };
}
