// Where trained models are kept: folders, and the files in them.

export { decodeSafetensors, encodeSafetensors, type Safetensors } from '../arrays/index.ts';
export { writeCard } from './card.ts';
export {
  type Arrays,
  type Checkpoint,
  type Counters,
  readCheckpoint,
  type TrainingState,
  writeCheckpoint,
} from './checkpoint.ts';
export {
  type DoctorNote,
  type DoctorState,
  noteSentences,
  type Pulse,
  type Treatment,
  type Vitals,
} from './doctor.ts';
export type { Folder } from './folder.ts';
export { type Verification, verifyRun, writeGolden } from './golden.ts';
export {
  appendToLedger,
  figureSchema,
  type LedgerRecord,
  ledgerPath,
  parametersHash,
  readLedger,
} from './ledger.ts';
export { memoryFolder } from './memory-folder.ts';
export { type EpochRecord, readMetrics, standingNotes, type Terms, writeMetrics } from './metrics.ts';
export { nodeFolder } from './node-folder.ts';
export { type ExportedName, exported, exportedNames, onnxPath, writeOnnx } from './onnx.ts';
export { readParameters, writeParameters } from './parameters.ts';
export { areImages, manifoldCodes, writePictures } from './pictures.ts';
export {
  checkData,
  type DataRecord,
  describeData,
  isRun,
  type RunConfig,
  readRunConfig,
  runConfig,
  writeRunConfig,
} from './run-config.ts';
export { type TrainingConfig, type TrainingInput, trainingSchema } from './training-config.ts';
