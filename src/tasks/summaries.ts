// What each task does, in a line. Apart from the tasks, so that listing them loads none.

/** The names of all tasks. */
export type TaskName =
  | 'evaluate'
  | 'generate'
  | 'reconstruct'
  | 'interpolate'
  | 'walk'
  | 'traverse'
  | 'transfer'
  | 'complete'
  | 'detect'
  | 'embed'
  | 'neighbours'
  | 'duplicates'
  | 'map'
  | 'impute'
  | 'fidelity'
  | 'denoise'
  | 'compress'
  | 'decompress'
  | 'export'
  | 'verify'
  | 'inspect';

/** One line on each task. */
export const summaries: Readonly<Record<TaskName, string>> = {
  evaluate: 'estimate the bound on the likelihood of data',
  generate: 'draw new data, from the prior or by a sampler fitted to the codes',
  reconstruct: 'encode data and decode it again, with a score for each row',
  interpolate: 'walk between the codes of two rows, decoding on the way',
  walk: 'make a film of a smooth walk through latent space, back to where it began',
  traverse: 'show what each dimension of the code does, or each principal axis of the codes',
  transfer: 'change what rows are, and keep how they are done',
  complete: 'fill in what is hidden of rows: several answers, and how sure each is',
  detect: 'find rows that the model does not know the like of, and say why',
  embed: 'turn data into codes: the means of their posteriors',
  neighbours: 'find the rows whose codes are nearest to those of others',
  duplicates: 'find pairs of rows that are nearly the same',
  map: 'draw latent space in the plane, every row a point',
  impute: 'fill in what is missing of a table, once or several times',
  fidelity: 'compare rows of a table that the model makes up with real ones',
  denoise: 'take noise out of rows, of an image of any size, or of a WAV file',
  compress: 'pack data into a file without loss, in as many bits as the bound says',
  decompress: 'give back what was compressed, to the last bit',
  export: 'write the model as ONNX files and safetensors',
  verify: "check a run's files, and its exported models against what the engine computed",
  inspect: 'tell what a run is: model, data, training, figures and files',
};
