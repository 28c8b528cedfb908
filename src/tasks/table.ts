// All tasks by name: what faces such as the command line are made of.

import { complete } from './complete.ts';
import { compress } from './compress.ts';
import { decompress } from './decompress.ts';
import { denoise } from './denoise.ts';
import { detect } from './detect.ts';
import { duplicates } from './duplicates.ts';
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

/** All tasks by name. */
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
