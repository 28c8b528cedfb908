// evaluations.jsonl: what was ever computed of a run, a line an evaluation. Each line names the parameters that it is of, so
// that figures of an earlier state are not taken for those of the present one. No dates: the same evaluation is the same
// line, which is written once.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { type Figure, type FigureName, figures } from '../evaluate/index.ts';
import { sha256Hex } from '../sha256.ts';
import type { Folder } from './folder.ts';

/** One evaluation. */
export interface LedgerRecord {
  /** SHA-256 of model.safetensors. */
  readonly parameters: string;
  readonly figures: readonly Figure[];
}

export const ledgerPath = 'evaluations.jsonl';

/** The schema of a figure. */
export const figureSchema: z.ZodType<Figure> = z.object({
  name: z.enum(Object.keys(figures) as FigureName[]),
  value: z.number(),
  standardError: z.number().optional(),
  unit: z.string(),
  kind: z.enum(['bound', 'estimate', 'statistic', 'criterion']),
  likelihood: z.string(),
  measure: z.enum(['mass', 'density', 'mixed', 'pseudo']),
  binarization: z.enum(['none', 'static', 'dynamic']),
  samples: z.int().optional(),
  features: z.string().optional(),
  sampler: z.string().optional(),
  seed: z.int(),
  data: z.string(),
  split: z.string(),
  rows: z.int(),
  fingerprint: z.string(),
});

const recordSchema: z.ZodType<LedgerRecord> = z.object({ parameters: z.string(), figures: z.array(figureSchema) });

/** What the ledger calls the present parameters of a run. */
export async function parametersHash(folder: Folder): Promise<string> {
  return sha256Hex(await folder.read('model.safetensors'));
}

/** Adds an evaluation, unless the very same one is there. */
export async function appendToLedger(folder: Folder, record: LedgerRecord): Promise<void> {
  const line = `${JSON.stringify(record)}\n`;
  if ((await linesOf(folder)).includes(line.trimEnd())) return;
  await folder.append(ledgerPath, line);
}

/**
 * All evaluations so far, of the present parameters and earlier ones; none where there is no file.
 * @throws LatentkitError `artifact` where a line is damaged.
 */
export async function readLedger(folder: Folder): Promise<LedgerRecord[]> {
  return (await linesOf(folder)).map((line, i) => {
    try {
      return recordSchema.parse(JSON.parse(line));
    } catch (cause) {
      throw new LatentkitError(
        'artifact',
        `${folder.describe(ledgerPath)}: line ${i + 1}: expected an evaluation, got ${JSON.stringify(line.slice(0, 40))}. ` +
          'Delete the line, and evaluate again.',
        { cause },
      );
    }
  });
}

async function linesOf(folder: Folder): Promise<string[]> {
  if (!(await folder.has(ledgerPath))) return [];
  const text = new TextDecoder().decode(await folder.read(ledgerPath));
  return text.split('\n').filter(line => line !== '');
}
