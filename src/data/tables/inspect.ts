// What there is to say of a table before anything is trained on it: a line a column.

import type { Column } from '../../columns.ts';
import type { DataSummary } from '../summary.ts';
import type { TableConfig } from './config.ts';
import { formatDate } from './dates.ts';
import { inferTable, type Sample } from './infer.ts';
import { namesOf, textOf } from './readers.ts';
import type { TableFile } from './table-file.ts';

/** How many of a column's categories are shown. */
const shown = 8;

/** Types, ranges and missing values of all columns, by some rows. */
export function summarizeTable(
  file: TableFile,
  sample: Sample,
  config: TableConfig,
  missing: ReadonlySet<string>,
): DataSummary {
  const { columns, label, notes } = inferTable(sample, config, missing);
  const looked = sample.cells[0]?.length ?? 0;
  const rows = file.fields.map((name, field) => {
    const cells = sample.cells[field]!;
    const absent = cells.filter(cell => cell === null || missing.has(textOf(cell))).length;
    const column = columns.find(column => column.name === name);
    return {
      column: name,
      type: column ? typeOf(column) : name === label?.name ? 'label' : 'left out',
      missing: absent === 0 ? '' : `${((100 * absent) / looked).toPrecision(2)} %`,
      values: column ? valuesOf(column) : name === label?.name ? listed(label.classes) : '',
    };
  });
  return {
    kind: 'table',
    name: file.path.split(/[\\/]/).at(-1) ?? file.path,
    rows: file.rows,
    shape: [columns.length],
    facts: [
      ['format', file.format],
      ['columns', `${file.fields.length}, of which ${columns.length} are learned from`],
      [
        'looked at',
        looked === file.rows ? 'all rows' : `${looked.toLocaleString('en')} rows, in blocks spread over the file`,
      ],
    ],
    columns: rows,
    warnings: notes,
  };
}

function typeOf(column: Column): string {
  if (column.type === 'binary') return 'binary';
  if (column.type === 'categorical') return column.ordered ? 'ordinal' : 'categorical';
  if (column.date) return column.date.time ? 'time' : 'date';
  return column.integer ? 'integer' : 'numeric';
}

function valuesOf(column: Column): string {
  if (column.type !== 'numeric') return listed(namesOf(column));
  const { min = 0, max = 0, date, transform } = column;
  const text = (value: number): string => (date ? formatDate(value, date) : String(Number(value.toPrecision(6))));
  return `${text(min)} to ${text(max)}${transform ? `, by ${transform.type}` : ''}`;
}

function listed(names: readonly string[]): string {
  return names.slice(0, shown).join(', ') + (names.length > shown ? `, and ${names.length - shown} more` : '');
}
