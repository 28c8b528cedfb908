// Figures as people read them: never without what they depend on.

import { type Figure, figures } from '../evaluate/index.ts';

/** A figure's name. */
export function titleOf({ name }: Pick<Figure, 'name'>): string {
  return figures[name].title;
}

/** 105.21 ± 0.48 nats per row */
export function figureText({ value, standardError, unit }: Figure): string {
  const error = standardError === undefined ? '' : ` ± ${number(standardError, unit)}`;
  return `${number(value, unit)}${error}${unit === '' ? '' : ` ${unit}`}`;
}

/** Shares and bits to more places than nats; counts as they are. */
function number(value: number, unit: string): string {
  if (unit === 'dimensions') return String(value);
  return value.toFixed(unit === '' || unit.startsWith('bits') ? 4 : 2);
}

/** What a likelihood's figure depends on: "test rows of mnist; bernoulli likelihood, dynamic binarisation". */
export function circumstances({
  split,
  data,
  likelihood,
  measure,
  binarization,
}: Pick<Figure, 'split' | 'data' | 'likelihood' | 'measure' | 'binarization'>): string {
  const grey = binarization === 'none' ? 'grey values' : `${binarization} binarisation`;
  const note = measure === 'pseudo' ? ' (cross-entropy, not normalised over them)' : '';
  const values = measure === 'mixed' ? 'of the values that are there' : `${grey}${note}`;
  return `${split} rows of ${data}; ${likelihood} likelihood, ${values}`;
}
