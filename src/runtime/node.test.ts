import { describe, expect, test } from 'vitest';
import { graph, input, noise, parameter } from '../graph/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { add, matmul, mul, sum } from '../ops/index.ts';
import { float32, initializeParameters, layoutOf, nodeRuntime, noiseBuffers, noiseBytes, viewsOf } from './index.ts';

const affine = (() => {
  const weight = parameter('weight', [3, 2], { type: 'constant', value: 0 });
  const y = add(matmul(input('x', ['N', 3]), weight), 1);
  return graph({ y, total: sum(y) });
})();

describe('the native runtime', () => {
  test('reads feeds and writes outputs in place, in memory of the kernels too', async () => {
    const runtime = await nodeRuntime();
    expect(runtime.device).toBe('cpu');
    const program = await runtime.compile(affine);
    expect([program.inputs, program.outputs]).toEqual([
      ['x', 'weight'],
      ['y', 'total'],
    ]);
    const kernels = createKernels(3 * alignedBytes(64));
    const feeds = { x: float32(kernels.float32(6), [2, 3]), weight: float32(kernels.float32(6), [3, 2]) };
    const into = { y: float32(kernels.float32(4), [2, 2]) };
    feeds.x.data.set([1, 2, 3, 4, 5, 6]);
    for (const factor of [1, -2]) {
      feeds.weight.data.set([1, 0, 0, 1, 1, 1].map(value => factor * value));
      const results = await program.run(feeds, into);
      expect(results.y).toBe(into.y);
      expect([...into.y.data]).toEqual([4, 5, 10, 11].map(value => factor * value + 1));
      expect(results.total!.data[0]).toBe(30 * factor + 4);
    }
    await program.dispose();
  });

  test('copies no output that is written in place, and still reports real errors', async () => {
    const runtime = await nodeRuntime();
    const program = await runtime.compile(graph({ y: mul(input('x', ['N']), 2) }));
    const length = 250_000;
    const feeds = { x: float32(new Float32Array(length).fill(3), [length]) };
    const into = { y: float32(new Float32Array(length), [length]) };
    await program.run(feeds, into);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 20; i++) await program.run(feeds, into);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * length);
    expect(into.y.data.at(-1)).toBe(6);
    await expect(program.run(feeds, { y: float32(new Float32Array(7), [7]) })).rejects.toThrow(/shape/i);
    await program.dispose();
  });

  test('one program serves every batch size, and embedded leaves are no longer fed', async () => {
    const runtime = await nodeRuntime();
    const program = await runtime.compile(affine, new Map([['weight', Float32Array.of(1, 2, 3, 4, 5, 6)]]));
    expect(program.inputs).toEqual(['x']);
    for (const batch of [1, 7, 1000]) {
      const { y } = await program.run({ x: float32(new Float32Array(3 * batch).fill(1), [batch, 3]) });
      expect(y!.shape).toEqual([batch, 2]);
      expect([...y!.data.slice(-2)]).toEqual([10, 13]);
    }
    await program.dispose();
  });

  test('says what is missing, refuses what is no model, and lists the devices', async () => {
    const runtime = await nodeRuntime();
    const program = await runtime.compile(affine);
    await expect(program.run({ x: float32(new Float32Array(3), [1, 3]) })).rejects.toThrow(/input "weight".* not fed/);
    await program.dispose();
    await expect(runtime.load(Uint8Array.of(1, 2, 3))).rejects.toThrow(/ONNX Runtime refused the model/);
    // @ts-expect-error a device that does not exist
    await expect(nodeRuntime({ device: 'tpu' })).rejects.toThrow(
      /device "tpu" cannot be used here .* Supported: .*cpu/,
    );
  });

  test('denormal results are zero', async () => {
    const runtime = await nodeRuntime();
    const program = await runtime.compile(graph({ y: mul(input('x', ['N']), 1e-10) }));
    const { y } = await program.run({ x: float32(Float32Array.of(1e-30, 1e-20), [2]) });
    expect([...y!.data]).toEqual([0, Math.fround(1e-20) * 1e-10].map(Math.fround));
    await program.dispose();
  });
});

describe('parameters', () => {
  const layout = layoutOf([
    { name: 'a', shape: [3, 5], initial: { type: 'uniform', bound: 0.5 }, role: 'model' },
    { name: 'b', shape: [4000], initial: { type: 'normal', deviation: 2 }, role: 'model' },
    { name: 'c', shape: [], initial: { type: 'constant', value: -1 }, role: 'model' },
  ]);

  test('lie one after another at 64-byte boundaries, each a view', () => {
    expect(layout.entries.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 15],
      [16, 4000],
      [4016, 1],
    ]);
    const buffer = new Float32Array(layout.length);
    viewsOf(layout, buffer, 'p/')['p/b']!.data[1] = 5;
    expect(buffer[17]).toBe(5);
  });

  test('start from values that depend on the seed and their names alone', () => {
    const [first, again, other] = [1, 1, 2].map(seed => {
      const buffer = new Float32Array(layout.length);
      initializeParameters(layout, buffer, seed);
      return buffer;
    });
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
    const views = viewsOf(layout, first!);
    expect(Math.max(...views.a!.data.map(Math.abs))).toBeLessThanOrEqual(0.5);
    const variance = views.b!.data.reduce((total, x) => total + x * x, 0) / 4000;
    expect(Math.abs(variance - 4)).toBeLessThan(4 * 4 * Math.sqrt(2 / 4000));
    expect(views.c!.data[0]).toBe(-1);
    const alone = new Float32Array(4000);
    initializeParameters(layoutOf([layout.entries[1]!]), alone, 1);
    expect(alone).toEqual(views.b!.data);
  });
});

describe('noise', () => {
  const leaves = [noise('z', ['N', 3]), noise('u', ['N', 2, 2], 'uniform'), noise('shared', [5])].map(
    leaf => leaf.attributes as Parameters<typeof noiseBytes>[0][number],
  );
  const draw = (batch: number, firstRow: number, purpose?: string) => {
    const buffers = noiseBuffers(createKernels(noiseBytes(leaves, batch)), leaves, batch);
    buffers.fill({ seed: 1, step: 4, firstRow }, purpose);
    return buffers.feeds;
  };

  test('is the same however a batch is split', () => {
    const whole = draw(9, 0);
    const [first, rest] = [draw(4, 0), draw(5, 4)];
    for (const name of ['z', 'u']) {
      expect([...first[name]!.data, ...rest[name]!.data]).toEqual([...whole[name]!.data]);
    }
    expect(first.shared!.data).toEqual(whole.shared!.data);
    expect(draw(9, 0, 'evaluate/').z!.data).not.toEqual(whole.z!.data);
  });

  test('is refused with N behind the first axis', () => {
    const leaf = { name: 'w', shape: [2, 'N'], distribution: 'normal' } as const;
    expect(() => noiseBuffers(createKernels(64), [leaf], 3)).toThrow(/N on the first axis only/);
  });
});
