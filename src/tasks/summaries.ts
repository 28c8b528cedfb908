// What each task does, in a line. Apart from the tasks, so that listing them loads none.

/** The names of all tasks. */
export type TaskName =
  | 'evaluate'
  | 'generate'
  | 'reconstruct'
  | 'interpolate'
  | 'embed'
  | 'export'
  | 'verify'
  | 'inspect';

/** One line on each task. */
export const summaries: Readonly<Record<TaskName, string>> = {
  evaluate: 'estimate the bound on the likelihood of data',
  generate: 'draw new data, from the prior or by a sampler fitted to the codes',
  reconstruct: 'encode data and decode it again, with a score for each row',
  interpolate: 'walk between the codes of two rows, decoding on the way',
  embed: 'turn data into codes: the means of their posteriors',
  export: 'write the model as ONNX files and safetensors',
  verify: "check a run's files, and its exported models against what the engine computed",
  inspect: 'tell what a run is: model, data, training, figures and files',
};
