// latentkit embed

import { encodeNpy } from '../../arrays/index.ts';
import { type Embedded, embed } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { count } from '../format.ts';
import { type Column, csv, csvColumns, formatOf, writeFile } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(embed, {
  options: command =>
    command.option(
      '--out <file>',
      'array of means (.npy; labels and log-variances beside it) or table of everything (.csv) (default: embeddings.npy)',
    ),
  async show(result, { values }) {
    const out = values.out ?? 'embeddings.npy';
    const files = formatOf(out, ['npy', 'csv']) === 'npy' ? arrays(out, result) : { [out]: table(result) };
    for (const [path, content] of Object.entries(files)) await writeFile(path, content);
    const [rows = 0, latent = 0] = result.mean.shape;
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

function table({ mean, logVar, labels, labelNames }: Embedded): string {
  const label = (row: number): number | string => {
    const value = labels!.data[row]!;
    return labelNames?.[value] ?? value;
  };
  const columns: Column[] = [
    { name: 'row', at: row => row },
    ...(labels ? [{ name: 'label', at: label }] : []),
    ...csvColumns('mean', mean),
    ...(logVar ? csvColumns('log_var', logVar) : []),
  ];
  return csv(columns, mean.shape[0] ?? 0);
}
