// latentkit fidelity

import type { Fidelity } from '../../fidelity/index.ts';
import { fidelity } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns, count } from '../format.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(fidelity, {
  argument: { field: 'data', description: 'a file of synthetic rows (default: rows that the model makes up now)' },
  show: result => ({ text: text(result), json: { ...result } }),
});

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
const figure = (value: number | null): string => value?.toFixed(3) ?? 'no values';

function text({ rows, marginals, dependence, utility, nearest }: Fidelity): string {
  const worst = dependence.worst.map(({ columns: [a, b], synthetic, real }) => [
    `  ${a}, ${b}`,
    figure(synthetic),
    figure(real),
  ]);
  return [
    `${count(rows.synthetic)} synthetic rows beside ${count(rows.train)} training and ${count(rows.test)} test rows`,
    columns([
      ['column', 'distance to training rows', 'of test rows'],
      ...marginals.map(({ column, distance, yardstick }) => [column, figure(distance), figure(yardstick)]),
    ]),
    `dependence of each two columns: differs by ${figure(dependence.difference)} on average, in test rows by ${figure(dependence.yardstick)}`,
    columns([['  most', 'synthetic', 'real'], ...worst]),
    utility.ratio === null
      ? 'no column can be predicted from the others, in real rows either'
      : `trained on synthetic rows, tested on real ones: ${share(utility.ratio)} of what training on real rows gives`,
    columns([
      ['column', 'measure', 'synthetic', 'real'],
      ...utility.predictions.map(({ column, measure, synthetic, real }) => [
        column,
        measure,
        figure(synthetic),
        figure(real),
      ]),
    ]),
    `distance to the nearest training row: ${figure(nearest.medianOfSynthetic)} (median), of test rows ${figure(nearest.medianOfTest)}`,
    `nearer than 95 % of the test rows are: ${share(nearest.shareTooNear)}; copies of a training row: ${nearest.copies}`,
  ].join('\n');
}
