// Fits a density to codes by maximum likelihood: Adam on batches of them, until the likelihood of the validation codes has
// not risen for a while. What is kept is the best by these.

import { grad } from '../autodiff/index.ts';
import { graph, input, type Tensor } from '../graph/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { RootScope, type Scope } from '../nn/index.ts';
import { neg, sum } from '../ops/index.ts';
import { createOptimizer, optimizerSchema, stateBytes } from '../optim/index.ts';
import { permutation, streamOf } from '../random/index.ts';
import { float32, initializeParameters, layoutOf, viewsOf } from '../runtime/index.ts';
import type { CodeSplits, FitContext, Tensors } from './sampler.ts';

/** log p(x) in nats for codes [N, latent], with its parameters made in the scope: [N]. */
type Density = (x: Tensor, scope: Scope) => Tensor;

const batchRows = 250;
/** Epochs without a better validation likelihood, after which the fit ends. */
const patience = 10;
/** A few codes far from all others must not throw a fit off: hence the bound on the gradient's norm. */
const optimizer = optimizerSchema.parse({ type: 'adam', learningRate: 1e-3, clipNorm: 5 });

/** The parameters under which the codes are likeliest. */
export async function maximizeLikelihood(
  density: Density,
  { latent, train, validation }: CodeSplits,
  { vae: { runtime }, seed, epochs, signal, progress }: FitContext & { readonly epochs: number },
): Promise<Tensors> {
  const scope = new RootScope({ training: true });
  const logProb = sum(density(input('x', ['N', latent]), scope));
  const loss = neg(logProb);
  const gradients = grad(loss, scope.tensors).map((tensor, i) => [`gradient/${scope.parameters[i]!.name}`, tensor]);
  const layout = layoutOf(scope.parameters);
  const rows = train.length / latent;
  const batch = Math.min(batchRows, rows);
  const kernels = createKernels(2 * alignedBytes(4 * layout.length) + stateBytes(optimizer, layout.length));
  const [parameters, slopes] = [kernels.float32(layout.length), kernels.float32(layout.length)];
  initializeParameters(layout, parameters, seed);
  const { step } = createOptimizer(kernels, optimizer, parameters, slopes);
  const [stepProgram, scoreProgram] = [
    await runtime.compile(graph({ loss, ...Object.fromEntries(gradients) })),
    await runtime.compile(graph({ logProb })),
  ];
  const x = float32(new Float32Array(batch * latent), [batch, latent]);
  const feeds = { ...viewsOf(layout, parameters), x };
  const into = { ...viewsOf(layout, slopes, 'gradient/'), loss: float32(new Float32Array(1), []) };
  const held = { ...feeds, x: float32(validation, [validation.length / latent, latent]) };
  const best = { logProb: Number.NEGATIVE_INFINITY, epoch: 0, parameters: parameters.slice() };
  let steps = 0;
  try {
    for (let epoch = 0; epoch < epochs && epoch - best.epoch <= patience; epoch++) {
      const order = permutation(rows, { seed, stream: streamOf('samplers/order'), step: epoch });
      for (let first = 0; first + batch <= rows; first += batch) {
        signal?.throwIfAborted();
        for (let i = 0; i < batch; i++) {
          const row = order[first + i]!;
          x.data.set(train.subarray(row * latent, (row + 1) * latent), i * latent);
        }
        await stepProgram.run(feeds, into);
        step(optimizer.learningRate, ++steps, 1 / batch);
      }
      const { logProb: total } = await scoreProgram.run(held);
      if (total!.data[0]! > best.logProb) {
        Object.assign(best, { logProb: total!.data[0]!, epoch });
        best.parameters.set(parameters);
      }
      progress?.((epoch + 1) / epochs);
    }
  } finally {
    await stepProgram.dispose();
    await scoreProgram.dispose();
  }
  return viewsOf(layout, best.parameters);
}
