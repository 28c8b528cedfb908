// latentkit evaluate

import type { Figure, FigureName } from '../../evaluate/index.ts';
import { type Evaluation, evaluate } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { circumstances, figureText, titleOf } from '../figures.ts';
import { columns, count, nats } from '../format.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(evaluate, {
  show: result => ({ text: text(result), json: { ...result } }),
});

function text(result: Evaluation): string {
  const { negElbo, reconstruction, kl, kind, samples, rows, figures, doctor = [], recorded } = result;
  const draws = samples === 1 ? 'one draw' : `the mean of ${samples} draws`;
  const what = kind === 'bound' ? 'a bound' : 'codes are deterministic, so this is no bound';
  const shown = new Set(['negElbo', 'reconstruction', 'kl']);
  return [
    `negative ELBO ${nats(negElbo)} nats = reconstruction ${nats(reconstruction)} + KL ${nats(kl)}`,
    `${what}, ${draws} for each of ${count(rows)} ${circumstances(result)}`,
    ...dimensions(result),
    columns(figures.filter(({ name }) => !shown.has(name)).map(line)).trimEnd(),
    ...doctor,
    ...(recorded ? [] : ['not kept: the run has no folder that can be written']),
  ].join('\n');
}

function line(figure: Figure): string[] {
  return [titleOf(figure), figureText(figure), `${figure.kind}${noteOf(figure)}`];
}

/** Figures whose rows may be fewer than those of the bound. */
const ofSomeRows: ReadonlySet<FigureName> = new Set([
  'totalCorrelation',
  'aggregatedPosteriorMmd',
  'mig',
  'sap',
  'dciDisentanglement',
  'dciCompleteness',
  'dciInformativeness',
  'factorVaeScore',
  'betaVaeScore',
]);

function noteOf({ name, samples = 0, rows, features, sampler }: Figure): string {
  const most = `${count(rows)} rows`;
  if (name === 'nll' || name === 'bitsPerDim') return `, K = ${count(samples)}`;
  if (name === 'mutualInformation') return ` from below, of ${most}: at most ${nats(Math.log(rows))}`;
  if (name === 'marginalKl') return ` from above, of ${most}`;
  if (features !== undefined) {
    const by = sampler === 'prior' ? '' : ` by ${sampler}`;
    return `, of ${count(rows)} samples${by} and as many rows in ${features}`;
  }
  return ofSomeRows.has(name) ? `, of ${most}` : '';
}

/** The KL of each dimension, largest first. */
function dimensions({ klPerDimension }: Evaluation): string[] {
  if (klPerDimension === undefined) return [];
  const sorted = [...klPerDimension].sort((a, b) => b - a);
  const most = 8;
  const rest = sorted.slice(most).reduce((a, b) => a + b, 0);
  const tail = sorted.length > most ? `, the other ${sorted.length - most} together ${nats(rest)}` : '';
  return [`KL of the dimensions: ${sorted.slice(0, most).map(nats).join(' ')}${tail}`];
}
