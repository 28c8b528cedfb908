// Tasks: what a trained model is used for. Each is a function of a run, and carries its own description.

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
export { type Denoised, type DenoiseInput, denoise } from './denoise.ts';
export { AudioDenoiser, type DenoiseAudioOptions, denoiseAudio } from './denoise-audio.ts';
export { type Detected, type DetectInput, detect, type VerdictInput, type Worst } from './detect.ts';
export { type Duplicates, type DuplicatesInput, duplicates } from './duplicates.ts';
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
export { type Pipeline, type PipelineName, pipeline } from './pipeline.ts';
export { type Reconstructed, type ReconstructInput, reconstruct } from './reconstruct.ts';
export type { RowsInput } from './rows.ts';
export type { TaskName } from './summaries.ts';
export { tasks } from './table.ts';
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
