// What a conditional model is told where its draws are to be set beside data.

import { type Dataset, hostRows } from '../data/index.ts';
import type { DrawOptions, TrainedVae } from '../models/index.ts';

/**
 * The condition by which to draw as many codes as the first rows of a data set: their attributes, of a model that is told
 * some. Of one that is told classes nothing, for it draws each class in turn.
 */
export async function conditionsOf(
  { model }: TrainedVae,
  data: Dataset,
  rows: number,
): Promise<Pick<DrawOptions, 'attributes'>> {
  if (model.spec.condition?.type !== 'attributes') return {};
  return { attributes: (await hostRows(data, 0, rows)).attributes };
}
