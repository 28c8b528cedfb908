// Codes of two kinds at once: normal numbers first, then the vector of each choice among categories, all independent.
// Training draws relaxed choices; outside it they are drawn as they are, so that bounds and importance weights are those of
// the model whose choices are discrete.

import { type Categories, categories, gumbelSoftmax, type Normal, sumPerExample } from '../../distributions/index.ts';
import type { Dim, Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import { add, concat, slice } from '../../ops/index.ts';

/** The choices in a code. */
export interface Choices {
  /** How many categories each is among. */
  readonly categories: readonly number[];
  /** That of relaxed ones. */
  readonly temperature: number;
}

/** How many of a code's dimensions are numbers: what the choices leave, perhaps none. */
export function numbersIn(latent: number, { categories: sizes }: Pick<Choices, 'categories'>): number {
  return latent - sizes.reduce((a, b) => a + b);
}

/** A distribution of codes. */
export interface MixedCode {
  readonly choices: readonly Categories[];
  /** log p(z) in nats for codes [N, latent]: [N]. For relaxed choices it is a density, else their mass. */
  logProb(z: Tensor): Tensor;
  /** A code drawn anew: [N, latent]. */
  sample(batch: Dim): Tensor;
}

/**
 * @param numbers [N, as many as there are], undefined where there are none.
 * @param logits of all choices, one after another.
 */
export function mixedCode(
  { categories: sizes, temperature }: Choices,
  {
    numbers,
    logits,
    latent,
  }: { readonly numbers: Normal | undefined; readonly logits: Tensor; readonly latent: number },
  scope: Scope,
): MixedCode {
  const width = numbersIn(latent, { categories: sizes });
  /** The parts of a tensor [N, ...] of all choices. */
  const split = (x: Tensor): Tensor[] => {
    let end = 0;
    return sizes.map(size => {
      end += size;
      return slice(x, 1, end - size, end);
    });
  };
  const choices = split(logits).map(l => (scope.training ? gumbelSoftmax(l, temperature) : categories(l)));
  return {
    choices,
    logProb(z) {
      const chosen = split(slice(z, 1, width)).map((part, i) => sumPerExample(choices[i]!.logProb(part)));
      const terms = numbers ? [sumPerExample(numbers.logProb(slice(z, 1, 0, width))), ...chosen] : chosen;
      return terms.reduce((a, b) => add(a, b));
    },
    sample(batch) {
      const noise = scope.noise('choice', [batch, latent - width], 'uniform');
      const chosen = split(noise).map((part, i) => choices[i]!.sample(part));
      if (!numbers) return concat(chosen, 1);
      return concat([numbers.sample(scope.noise('noise', [batch, width], numbers.noise)), ...chosen], 1);
    },
  };
}
