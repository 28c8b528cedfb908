import { Command } from 'commander';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { addOptions, flagOf, givenOptions } from './options.ts';

const schema = z.strictObject({
  batchSize: z.int().min(1).default(128).describe('rows of one step'),
  rate: z.number().optional().describe('how fast'),
  kind: z.enum(['adam', 'sgd']).optional().describe('which'),
  widths: z
    .union([z.int(), z.array(z.int())])
    .optional()
    .describe('of layers'),
  names: z.array(z.string()).optional().describe('of things'),
  path: z.string().optional().describe('where'),
  all: z.boolean().default(false).describe('everything'),
});

function parse(...args: string[]): Record<string, unknown> {
  const command = new Command().exitOverride();
  addOptions(command, schema);
  command.parse(args, { from: 'user' });
  return givenOptions(schema, command.opts());
}

it('gives each field its option', () => {
  const command = new Command();
  addOptions(command, schema);
  expect(command.options.map(({ flags, description }) => [flags, description])).toEqual([
    ['--batch-size <number>', 'rows of one step (default: 128)'],
    ['--rate <number>', 'how fast'],
    ['--kind <name>', 'which: adam, sgd'],
    ['--widths <n,...>', 'of layers'],
    ['--names <n,...>', 'of things'],
    ['--path <path>', 'where'],
    ['--all', 'everything'],
  ]);
  expect(flagOf('klWarmupEpochs')).toBe('--kl-warmup-epochs');
});

it('reads what was given, as the schema types it, and only that', () => {
  expect(parse()).toEqual({});
  expect(parse('--batch-size', '7', '--rate', '1e-3', '--kind', 'sgd', '--path', '12', '--all')).toEqual({
    batchSize: 7,
    rate: 0.001,
    kind: 'sgd',
    path: '12',
    all: true,
  });
  expect(parse('--widths', '512')).toEqual({ widths: 512 });
  expect(parse('--widths', '512,256')).toEqual({ widths: [512, 256] });
  expect(parse('--rate', '-2')).toEqual({ rate: -2 });
});

it.each([
  [['--batch-size', 'x'], '--batch-size: expected a number, got "x".'],
  [['--batch-size', ''], '--batch-size: expected a number, got "".'],
  [['--batch-size', '1.5'], '--batch-size: expected a whole number, got 1.5.'],
  [['--kind', 'asgd'], '--kind: expected one of: adam, sgd, got "asgd". Did you mean "sgd"?'],
])('names the option in %j', (args, message) => {
  expect(() => parse(...args)).toThrow(message);
});
