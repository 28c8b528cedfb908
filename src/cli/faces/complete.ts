// latentkit complete

import { areImages } from '../../artifact/index.ts';
import { imageGrid } from '../../images/index.ts';
import { float32, type HostTensor } from '../../runtime/index.ts';
import { type Completed, complete } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns } from '../format.ts';
import { defaultOut, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(complete, {
  argument: { field: 'data', description: 'other data than the run was trained on: a name, a file or a folder' },
  options: command =>
    command.option(
      '--out <file>',
      'picture (.png): original, what is seen, mean, completions, uncertainty; or the means (.npy, .csv) (default: completions.png, for images)',
    ),
  async show(result, { values, run }) {
    const { columns: kinds } = run.config.model.input;
    const { start, mean, weights, diagnostics, method, calibrated } = result;
    const [count = 0, k = 0] = weights.shape;
    const shape = mean.shape.slice(1);
    const out = values.out ?? defaultOut('completions', shape, kinds);
    await writeRows(out, {
      values: mean,
      columns: kinds,
      picture: () => imageGrid(rowsOfPictures(result), { columns: 4 + k }),
    });
    const rows = Array.from({ length: count }, (_, i) => ({
      row: start + i,
      weights: [...weights.data.subarray(i * k, (i + 1) * k)],
      deviation: meanDeviation(result, i),
      acceptance: diagnostics.acceptance.data[i]!,
      scaleReduction: diagnostics.scaleReduction.data[i]!,
      logEvidence: diagnostics.logEvidence.data[i]!,
    }));
    const table = columns([
      ['row', 'uncertainty', 'accepted', 'R-hat', 'largest weight'],
      ...rows.map(row => [
        `${row.row}`,
        row.deviation.toFixed(3),
        `${(100 * row.acceptance).toFixed(0)} %`,
        row.scaleReduction.toFixed(2),
        Math.max(...row.weights).toFixed(2),
      ]),
    ]);
    const shown = areImages(shape) && out.endsWith('.png') ? 'original, seen, mean, completions, uncertainty' : 'means';
    return {
      text: `${table}\n${count} rows, ${k} completions each, by ${method}: ${out} (${shown}); uncertainty ${calibrated ? 'calibrated on held-out rows' : 'not calibrated'}`,
      json: { completions: out, method, calibrated, rows },
    };
  },
});

/** How far what was hidden may be from the mean, on average; of a row of which nothing was hidden 0. */
function meanDeviation({ deviation, hidden }: Completed, row: number): number {
  const width = deviation.data.length / (deviation.shape[0] ?? 1);
  let [sum, count] = [0, 0];
  for (let i = row * width; i < (row + 1) * width; i++) {
    if (hidden.data[i] !== 1) continue;
    sum += deviation.data[i]!;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

/** The grey of what is hidden. */
const ground = 0.5;

/** The pictures of each row one after another; what is uncertain is the lighter. */
function rowsOfPictures({ originals, hidden, mean, deviation, completions }: Completed): HostTensor<'float32'> {
  const [count = 0, ...shape] = originals.shape;
  const width = originals.data.length / count;
  const k = completions.shape[1]!;
  const data = new Float32Array(count * (4 + k) * width);
  const seen = originals.data.map((value, i) => (hidden.data[i] === 1 ? ground : value));
  const doubled = deviation.data.map(value => 2 * value);
  const own = (tensor: Float32Array, row: number, tiles = 1): Float32Array =>
    tensor.subarray(row * tiles * width, (row + 1) * tiles * width);
  for (let row = 0; row < count; row++) {
    let end = row * (4 + k) * width;
    for (const tile of [
      own(originals.data, row),
      own(seen, row),
      own(mean.data, row),
      own(completions.data, row, k),
      own(doubled, row),
    ]) {
      data.set(tile, end);
      end += tile.length;
    }
  }
  return float32(data, [count * (4 + k), ...shape]);
}
