// For tests of the doctor: small data, and trainings of a few epochs with what was said in them.

import type { DoctorNote, EpochRecord } from '../../artifact/index.ts';
import { arrayDataset, type DataSplits, type Dataset, loadData, subset } from '../../data/index.ts';
import type { ModelSpec } from '../../models/index.ts';
import { philox4x32 } from '../../random/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import { type FitOptions, fit } from '../index.ts';

/** Images of 6×6 pixels with one bright bar, of which there are twelve. */
export function bars(rows = 720): DataSplits {
  const data = new Uint8Array(rows * 36);
  for (let row = 0; row < rows; row++) {
    const [where, brightness] = philox4x32([row, 0, 0, 0], [7, 7]);
    for (let i = 0; i < 6; i++) {
      const at = (where >>> 8) % 6;
      data[row * 36 + (where & 1 ? at + 6 * i : 6 * at + i)] = 128 + (brightness & 127);
    }
  }
  return splits(arrayDataset({ name: 'bars', data, shape: [6, 6, 1] }));
}

/** A few digits of MNIST. */
export async function someDigits(): Promise<DataSplits> {
  const { train, validation, test } = await loadData('mnist');
  return { train: subset(train, 0, 3200), validation: subset(validation, 0, 300), test: subset(test, 0, 100) };
}

/** Two thirds, and a sixth each. */
export function splits(all: Dataset): DataSplits {
  const [first, second] = [Math.floor((all.size * 2) / 3), Math.floor((all.size * 5) / 6)];
  return {
    train: subset(all, 0, first),
    validation: subset(all, first, second),
    test: subset(all, second, all.size),
  };
}

/** What the doctor said of a training, and its records. */
export async function said(
  spec: ModelSpec,
  data: DataSplits,
  runtime: Runtime,
  options: FitOptions = {},
): Promise<{ readonly notes: readonly DoctorNote[]; readonly records: readonly EpochRecord[] }> {
  const notes: DoctorNote[] = [];
  const onDiagnosis = (note: DoctorNote): void => void notes.push(note);
  const { records } = await fit(spec, data, { epochs: 2, batchSize: 16, runtime, onDiagnosis, ...options });
  return { notes, records };
}
