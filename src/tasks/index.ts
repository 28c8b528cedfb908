// Tasks: what a trained model is used for. Each is a function of a run, and carries its own description.

import { complete } from './complete.ts';
import { compress } from './compress.ts';
import { decompress } from './decompress.ts';
import { detect } from './detect.ts';
import { duplicates } from './duplicates.ts';
import { denoise } from './denoise.ts';
import { embed } from './embed.ts';
import { evaluate } from './evaluate.ts';
import { exportModel } from './export.ts';
import { fidelity } from './fidelity.ts';
import { generate } from './generate.ts';
import { impute } from './impute.ts';
import { inspect } from './inspect.ts';
import { interpolate } from './interpolate.ts';
import { map } from './map.ts';
import { neighbours } from './neighbours.ts';
import { reconstruct } from './reconstruct.ts';
import { transfer } from './transfer.ts';
import { traverse } from './traverse.ts';
import { verify } from './verify.ts';
import { walk } from './walk.ts';

export {
  type ComparedColumn,
  type CompareInput,
  type Comparison,
  type Contender,
  compare,
  compareInput,
  type Unlike,
} from './compare.ts';
export { type Completed, type CompleteInput, complete } from './complete.ts';
export { type Compressed, type CompressInput, compress } from './compress.ts';
export { type Decompressed, type DecompressInput, decompress } from './decompress.ts';
export { AudioDenoiser, type DenoiseAudioOptions, denoiseAudio } from './denoise-audio.ts';
export { type Detected, type DetectInput, detect, type VerdictInput, type Worst } from './detect.ts';
export { type Duplicates, type DuplicatesInput, duplicates } from './duplicates.ts';
export { type Denoised, type DenoiseInput, denoise } from './denoise.ts';
export { type Embedded, type EmbedInput, embed } from './embed.ts';
export { type EvaluateInput, type Evaluation, evaluate } from './evaluate.ts';
export { type Exported, exportModel } from './export.ts';
export { type FidelityInput, fidelity } from './fidelity.ts';
export { type Generated, type GenerateInput, generate } from './generate.ts';
export { type Imputed, type ImputeInput, impute } from './impute.ts';
export { type Inspection, inspect } from './inspect.ts';
export { type Interpolated, type InterpolateInput, interpolate } from './interpolate.ts';
export { type Judge, type Judged, openJudge } from './judge.ts';
export { type LatentMap, type MapInput, map } from './map.ts';
export type { Memorisation } from './memorisation.ts';
export { type FoundNeighbours, type NeighboursInput, neighbours } from './neighbours.ts';
export { type LoadOptions, load } from './open.ts';
export { type Reconstructed, type ReconstructInput, reconstruct } from './reconstruct.ts';
export type { RowsInput } from './rows.ts';
export type { TaskName } from './summaries.ts';
export {
  defineTask,
  type NoInput,
  type OpenedRun,
  type Task,
  type TaskContext,
  type TaskDefinition,
  type TaskOptions,
} from './task.ts';
export { type TransferInput, type Transferred, transfer } from './transfer.ts';
export { type Traversal, type TraverseInput, traverse } from './traverse.ts';
export { verify } from './verify.ts';
export { type Walk, type WalkInput, walk } from './walk.ts';

/** All tasks by name: what faces such as the command line are made of. */
export const tasks: {
  readonly evaluate: typeof evaluate;
  readonly generate: typeof generate;
  readonly reconstruct: typeof reconstruct;
  readonly interpolate: typeof interpolate;
  readonly walk: typeof walk;
  readonly traverse: typeof traverse;
  readonly transfer: typeof transfer;
  readonly complete: typeof complete;
  readonly detect: typeof detect;
  readonly embed: typeof embed;
  readonly neighbours: typeof neighbours;
  readonly duplicates: typeof duplicates;
  readonly map: typeof map;
  readonly impute: typeof impute;
  readonly fidelity: typeof fidelity;
  readonly denoise: typeof denoise;
  readonly compress: typeof compress;
  readonly decompress: typeof decompress;
  readonly export: typeof exportModel;
  readonly verify: typeof verify;
  readonly inspect: typeof inspect;
} = {
  evaluate,
  generate,
  reconstruct,
  interpolate,
  walk,
  traverse,
  transfer,
  complete,
  detect,
  embed,
  neighbours,
  duplicates,
  map,
  impute,
  fidelity,
  denoise,
  compress,
  decompress,
  export: exportModel,
  verify,
  inspect,
};
