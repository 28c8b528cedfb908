// latentkit schema

import { z } from 'zod';
import { modelJsonSchema } from '../models/index.ts';
import { parseSpec } from '../schema.ts';
import { addCommonOptions, addExamples, type CommonOptions, type DefineCommand } from './command.ts';
import { configJsonSchema, trainingJsonSchema } from './config-file.ts';

const schemas = { config: configJsonSchema, model: modelJsonSchema, training: trainingJsonSchema } as const;
const names = ['config', 'model', 'training'] as const;

export const define: DefineCommand = (command, io) => {
  command.argument('[of]', `what the schema is of: ${names.join(', ')} (default: config)`);
  addCommonOptions(command, { device: false });
  addExamples(command, 'schema > latentkit.schema.json', 'schema model');
  command.action((of: string | undefined, { json }: CommonOptions) => {
    const name = parseSpec(z.enum(names), of ?? 'config', 'schema');
    io.stdout.write(`${JSON.stringify(schemas[name](), null, json ? undefined : 2)}\n`);
  });
};
