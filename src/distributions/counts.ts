// Distributions of counts 0, 1, 2, ...: Poisson, the negative binomial by mean and dispersion (as scVI has it: Lopez et
// al. 2018, "Deep generative modeling for single-cell transcriptomics"), either with additional zeros (Lambert 1992),
// and the beta-binomial over 0 ... trials. Arguments of `logProb` are whole numbers.

import { constant, type Tensor } from '../graph/index.ts';
import {
  add,
  cast,
  div,
  exp,
  gather,
  less,
  log,
  mul,
  neg,
  select,
  sigmoid,
  softplus,
  square,
  sub,
} from '../ops/index.ts';
import type { Density } from './distribution.ts';
import { logBeta, logGamma } from './special.ts';

/** Poisson distributions: log p(x) = x · log rate − rate − log x!. */
export function poisson(logRate: Tensor): Density {
  const mean = exp(logRate);
  return { mean, variance: mean, logProb: x => sub(sub(mul(x, logRate), mean), logGamma(add(x, 1))) };
}

/**
 * Negative binomial distributions with the variance mean + mean² / r: log p(x) = log Γ(x + r) / (Γ(r) x!) +
 * r · log(r / (r + mean)) + x · log(mean / (r + mean)). The larger the dispersion r, the nearer to Poisson.
 */
export function negativeBinomial(logMean: Tensor, logDispersion: Tensor): Density {
  const r = exp(logDispersion);
  const odds = sub(logMean, logDispersion);
  const mean = exp(logMean);
  return {
    mean,
    variance: add(mean, div(square(mean), r)),
    logProb(x) {
      // Γ(x + r) / (Γ(r) x!) = 1 / ((x + r) · B(r, x + 1)).
      const ways = neg(add(log(add(x, r)), logBeta(r, add(x, 1))));
      return sub(ways, add(mul(r, softplus(odds)), mul(x, softplus(neg(odds)))));
    },
  };
}

/** With the probability sigmoid(gate) zero, else a count of the distribution. */
export function zeroInflated(counts: Density, gate: Tensor): Density {
  const share = sigmoid(neg(gate));
  const mean = mul(counts.mean, share);
  return {
    mean,
    variance: sub(mul(share, add(counts.variance, square(counts.mean))), square(mean)),
    logProb(x) {
      // log((1 − π) p(x)), to which a zero adds π: log(1 + π / ((1 − π) p(0))), the odds being e^gate.
      const logProb = counts.logProb(x);
      const excess = select(less(x, 0.5), softplus(sub(gate, logProb)), 0);
      return add(sub(logProb, softplus(gate)), excess);
    },
  };
}

/**
 * Beta-binomial distributions: the number of successes in so many trials whose probability is Beta(a, b). log p(x) =
 * log (trials over x) + log B(x + a, trials − x + b) − log B(a, b).
 *
 * @param logit of the mean probability a / (a + b).
 * @param logConcentration log(a + b).
 */
export function betaBinomial(logit: Tensor, logConcentration: Tensor, trials: number): Density {
  const concentration = exp(logConcentration);
  const [a, b] = [mul(concentration, sigmoid(logit)), mul(concentration, sigmoid(neg(logit)))];
  const binomial = mul(trials, mul(sigmoid(logit), sigmoid(neg(logit))));
  return {
    mean: mul(trials, sigmoid(logit)),
    variance: mul(binomial, div(add(concentration, trials), add(concentration, 1))),
    logProb(x) {
      const rest = sub(constant(trials), x);
      const ways = gather(constant(logBinomials(trials)), cast(x, 'int32'));
      return add(sub(logBeta(add(x, a), add(rest, b)), logBeta(a, b)), ways);
    },
  };
}

/** The logarithms of the binomial coefficients (n over 0), ..., (n over n). */
function logBinomials(n: number): number[] {
  const logs = [0];
  for (let k = 0; k < n; k++) logs.push(logs[k]! + Math.log((n - k) / (k + 1)));
  return logs;
}
