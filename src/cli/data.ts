// latentkit data inspect

import { type DataSummary, inspectData } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { encodePng, imageGrid } from '../images/index.ts';
import { addCommonOptions, addExamples, answer, type CommonOptions, type DefineCommand } from './command.ts';
import { columns, count } from './format.ts';
import { formatOf, writeFile } from './output.ts';
import { sourceOf } from './source.ts';

interface InspectValues extends CommonOptions {
  readonly out?: string;
  readonly strict?: boolean;
}

export const define: DefineCommand = (command, io) => {
  command
    .helpCommand(false)
    .argument('[what]')
    .action((what?: string) => {
      const got = what === undefined ? 'nothing' : `"${what}"`;
      throw new LatentkitError(
        'usage',
        `data: expected inspect, got ${got}. For example: latentkit data inspect photos/.`,
      );
    });
  const inspect = command
    .command('inspect')
    .summary('look at data before training on them')
    .description('Looks at data before training on them: how many, of what shape and range, what is missing or broken.')
    .argument('<path>', 'what would be trained on: a name, a file or a folder')
    .option('--out <file>', 'where to write a contact sheet, of images: .png')
    .option('--strict', 'stop at an image that cannot be read, instead of leaving it out');
  addCommonOptions(inspect, { device: false });
  addExamples(inspect, 'data inspect photos/ --out sheet.png', 'data inspect people.csv');
  inspect.action(async (path: string, values: InspectValues) => {
    const { out } = values;
    if (out !== undefined) formatOf(out, ['png']);
    const { images, ...summary } = await inspectData(await sourceOf(path, values));
    if (out !== undefined) {
      if (images === undefined) {
        throw new LatentkitError('usage', `--out: rows of [${summary.shape.join(', ')}] are no images; leave it out.`);
      }
      await writeFile(out, encodePng(imageGrid(images)));
    }
    const text = [textOf(summary), ...(out === undefined ? [] : [`Contact sheet: ${out}`])].join('\n');
    answer(io, values, { text, json: { ...summary, ...(out !== undefined && { out }) } });
  });
};

function textOf({ kind, name, rows, shape, facts, columns: of, warnings }: DataSummary): string {
  const table = of?.length ? [Object.keys(of[0]!), ...of.map(column => Object.values(column))] : [];
  return [
    `${name}: ${kind}, ${count(rows)} rows of [${shape.join(', ')}]\n`,
    columns(facts.map(([fact, value]) => [`  ${fact}`, value])),
    ...(table.length > 0 ? ['\n', columns(table.map(([first, ...cells]) => [`  ${first}`, ...cells]))] : []),
    ...warnings.map(warning => `\nNote: ${warning}\n`),
  ].join('');
}
