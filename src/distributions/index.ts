// Distributions over symbolic tensors.

export { type Bernoulli, bernoulli } from './bernoulli.ts';
export { categoricalLevels } from './categorical-levels.ts';
export { type Categories, categories, gumbel, gumbelSoftmax } from './categories.ts';
export { continuousBernoulli } from './continuous-bernoulli.ts';
export { betaBinomial, negativeBinomial, poisson, zeroInflated } from './counts.ts';
export { discretizedLogistic } from './discretized-logistic.ts';
export { type Density, type Distribution, sumPerExample } from './distribution.ts';
export { hyperbolicSecant } from './hyperbolic-secant.ts';
export { laplace } from './laplace.ts';
export { levelOf, rounded } from './levels.ts';
export { klBetween, klToStandardNormal, type Normal, type NormalWidth, normal } from './normal.ts';
export { mixtureLogProb, mixtureSample, type NormalMixture } from './normal-mixture.ts';
export { logBeta, logGamma } from './special.ts';
export { studentT } from './student-t.ts';
export { direction, logSphereArea, type VonMisesFisher, vonMisesFisher } from './von-mises-fisher.ts';
