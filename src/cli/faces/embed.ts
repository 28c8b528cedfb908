// latentkit embed

import { encodeNpy } from '../../arrays/index.ts';
import { type Embedded, embed } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { count } from '../format.ts';
import { type Column, csv, csvColumns, formatOf, writeFile } from '../output.ts';
import { parquet } from '../parquet.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(embed, {
  argument: { field: 'data', description: 'what is encoded (default: the data of the run)' },
  options: command =>
    command.option(
      '--out <file>',
      'array of means (.npy; labels and log-variances beside it) or table of everything (.csv, .parquet) (default: embeddings.npy)',
    ),
  async show(result, { values }) {
    const out = values.out ?? 'embeddings.npy';
    const format = formatOf(out, ['npy', 'csv', 'parquet']);
    const [rows = 0, latent = 0] = result.mean.shape;
    const written = format === 'parquet' ? parquet : csv;
    const files = format === 'npy' ? arrays(out, result) : { [out]: await written(table(result), rows) };
    for (const [path, content] of Object.entries(files)) await writeFile(path, content);
    return {
      text: `${count(rows)} codes of ${latent} dimensions: ${Object.keys(files).join(', ')}`,
      json: { rows, latent, files: Object.keys(files) },
    };
  },
});

function arrays(out: string, { mean, logVar, labels }: Embedded): Record<string, Uint8Array> {
  const beside = (what: string): string => out.replace(/\.npy$/i, `.${what}.npy`);
  return {
    [out]: encodeNpy(mean),
    ...(logVar && { [beside('log-var')]: encodeNpy(logVar) }),
    ...(labels && { [beside('labels')]: encodeNpy(labels) }),
  };
}

function table({ mean, logVar, labels, labelNames }: Embedded): Column[] {
  const label = (row: number): number | string => {
    const value = labels!.data[row]!;
    return labelNames?.[value] ?? value;
  };
  return [
    { name: 'row', at: row => row },
    ...(labels ? [{ name: 'label', at: label }] : []),
    ...csvColumns('mean', mean),
    ...(logVar ? csvColumns('log_var', logVar) : []),
  ];
}
