// Matrix products, batched and with transposes; each gradient is again a product.

import {
  broadcastShapes,
  type Dim,
  defineOp,
  expectDType,
  type OnnxBuilder,
  type Op,
  shapeError,
  type Tensor,
} from '../graph/index.ts';

export interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * a · b over the last two axes, each transposed on request; leading axes broadcast. Two matrices become Gemm (which
 * transposes while it packs); a plain product stays MatMul, which ONNX Runtime fuses with the bias that follows.
 */
export const matmulOp: Op<MatmulAttributes> = defineOp<MatmulAttributes>({
  name: 'matmul',
  infer([a, b], { transposeA, transposeB }) {
    expectDType('matmul', 'float32', a!, b!);
    if (a!.shape.length < 2 || b!.shape.length < 2) throw shapeError('matmul', 'tensors of rank 2 or more', a!, b!);
    const [m, k] = lastTwo(a!, transposeA);
    const [k2, n] = lastTwo(b!, transposeB);
    if (k !== k2) throw shapeError('matmul', 'inner dimensions that agree', a!, b!);
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    if (batch === undefined) throw shapeError('matmul', 'leading dimensions that broadcast', a!, b!);
    return { shape: [...batch, m, n], dtype: 'float32' };
  },
  vjp(g, y, { transposeA, transposeB }) {
    const [a, b] = [y.inputs[0]!, y.inputs[1]!];
    return [
      transposeA
        ? matmul(b, g, { transposeA: transposeB, transposeB: true })
        : matmul(g, b, { transposeB: !transposeB }),
      transposeB
        ? matmul(g, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, g, { transposeA: !transposeA }),
    ];
  },
  onnx(builder, node, { transposeA, transposeB }) {
    const [a, b] = [node.inputs[0]!, node.inputs[1]!];
    const names = [builder.value(a), builder.value(b)];
    if (!transposeA && !transposeB) return builder.node('MatMul', names);
    if (a.shape.length === 2 && b.shape.length === 2) {
      return builder.node('Gemm', names, { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 });
    }
    return builder.node('MatMul', [
      transposeA ? swapLastTwo(builder, names[0]!, a.shape.length) : names[0]!,
      transposeB ? swapLastTwo(builder, names[1]!, b.shape.length) : names[1]!,
    ]);
  },
});

function lastTwo(x: Tensor, swap: boolean): [Dim, Dim] {
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return swap ? [columns, rows] : [rows, columns];
}

function swapLastTwo(builder: OnnxBuilder, x: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, i) => i);
  perm.splice(-2, 2, rank - 1, rank - 2);
  return builder.node('Transpose', [x], { perm });
}

/** The matrix product over the last two axes: [.., m, k] · [.., k, n] → [.., m, n]. */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: Partial<MatmulAttributes> = {},
): Tensor {
  return matmulOp.apply([a, b], { transposeA, transposeB });
}
