// What a conditional model is told of rows, on the host: taken from what the rows carry, checked, and fed.

import { LatentkitError } from '../errors.ts';
import type { Graph } from '../graph/index.ts';
import {
  type Companions,
  float32,
  type HostTensor,
  type HostTensors,
  int32,
  type RowTensor,
} from '../runtime/index.ts';
import type { Model } from './build.ts';
import type { ModelSpec } from './spec.ts';

/**
 * The condition that a graph is fed with rows; nothing where it takes none. A class that a semi-supervised model is not
 * told is −1.
 * @throws LatentkitError `data` where the rows lack it, or it is not what the model takes.
 */
export function conditionFeeds(
  { spec: { condition } }: Pick<Model, 'spec'>,
  graph: Graph,
  rows: RowTensor,
): HostTensors {
  const count = rows.shape[0] ?? 0;
  if (graph.leaves.has('attributes')) {
    const { attributes } = rows;
    const width = graph.leaves.get('attributes')?.shape[1];
    if (attributes?.shape.join() === `${count},${width}`) return { attributes };
    throw new LatentkitError(
      'data',
      `the model is conditional on ${width} attributes of each row, of which these ${count} rows have ` +
        `${attributes === undefined ? 'none' : `[${attributes.shape.join(', ')}]`}; give them with the rows.`,
    );
  }
  if (!graph.leaves.has('label') || condition === undefined || condition.type === 'attributes') return {};
  const { classes, type } = condition;
  const inferred = type === 'semiSupervised' && graph.leaves.has('x');
  const label = rows.label ?? (inferred ? int32(new Int32Array(count).fill(-1), [count]) : undefined);
  if (label === undefined) {
    throw new LatentkitError(
      'data',
      `the model is conditional on the class of each row, one of ${classes}, which these rows do not have; give data ` +
        'with labels.',
    );
  }
  const wrong = label.data.findIndex(value => value >= classes || value < (inferred ? -1 : 0));
  if (wrong < 0) return { label };
  throw new LatentkitError(
    'data',
    `row ${wrong}: expected a class from 0 to ${classes - 1}, got ${label.data[wrong]}; give each row one of the ` +
      'classes that the model was trained on.',
  );
}

/** The classes that are given and, where they are not, the likeliest by the probabilities [n, classes]. */
export function inferredLabels(
  given: HostTensor<'int32'> | undefined,
  probability: HostTensor<'float32'> | undefined,
): HostTensor<'int32'> | undefined {
  if (probability === undefined) return given;
  const [count, classes] = probability.shape as [number, number];
  const likeliest = (row: number): number => {
    const values = probability.data.subarray(row * classes, (row + 1) * classes);
    return values.indexOf(Math.max(...values));
  };
  const labels = Int32Array.from({ length: count }, (_, row) => {
    const known = given?.data[row] ?? -1;
    return known < 0 ? likeliest(row) : known;
  });
  return int32(labels, [count]);
}

/**
 * The condition of codes that are drawn: the class told or each in turn, the attributes told.
 * @throws LatentkitError `usage` where the model is not conditional on what is told, or needs to be told more.
 */
export function drawnConditions(
  { condition }: ModelSpec,
  count: number,
  {
    label,
    attributes,
  }: { readonly label?: number | undefined; readonly attributes?: HostTensor<'float32'> | undefined },
): Companions {
  const known = condition?.type === 'attributes' ? 'attributes' : condition ? 'label' : undefined;
  for (const [name, value] of [
    ['label', label],
    ['attributes', attributes],
  ] as const) {
    if (value === undefined || known === name) continue;
    const told =
      known === undefined ? 'is told nothing' : `is told a ${known === 'label' ? 'class' : 'vector'} (${known})`;
    throw new LatentkitError('usage', `${name}: the model ${told} beside the code; leave it out.`);
  }
  if (condition === undefined) return {};
  if (condition.type === 'attributes') {
    if (attributes?.shape.join() === `${count},${condition.width}`) return { attributes };
    throw new LatentkitError(
      'usage',
      `attributes: expected [${count}, ${condition.width}] numbers, which the model is told beside the codes, got ` +
        `${attributes === undefined ? 'none' : `[${attributes.shape.join(', ')}]`}.`,
    );
  }
  const { classes } = condition;
  if (label !== undefined && !(Number.isInteger(label) && label >= 0 && label < classes)) {
    throw new LatentkitError('usage', `label: expected a class from 0 to ${classes - 1}, got ${label}.`);
  }
  return {
    label: int32(
      Int32Array.from({ length: count }, (_, row) => label ?? row % classes),
      [count],
    ),
  };
}

/** What belongs to some of the rows, in the order given. */
export function companionsAt({ label, attributes }: Companions, rows: ArrayLike<number>): Companions {
  const width = attributes?.shape[1] ?? 0;
  const gathered = attributes && new Float32Array(rows.length * width);
  Array.from(rows).forEach((row, i) => {
    gathered?.set(attributes!.data.subarray(row * width, (row + 1) * width), i * width);
  });
  return {
    ...(label && {
      label: int32(
        Int32Array.from(rows, row => label.data[row]!),
        [rows.length],
      ),
    }),
    ...(gathered && { attributes: float32(gathered, [rows.length, width]) }),
  };
}
