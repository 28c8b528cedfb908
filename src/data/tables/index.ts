// Tables on disk.

export type { ColumnOptions, SettledTable, TableConfig } from './config.ts';
export { tableLoader } from './loader.ts';
export { type TableFormat, tableCells, type WriteOptions, writeTable } from './write.ts';
