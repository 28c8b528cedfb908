// Between zod schemas and commander's options: a task's input schema says what may be given, of what type, with which
// default, and in which words. `batchSize: z.int().default(128).describe('rows')` is `--batch-size <number>  rows`.

import { type Command, Option } from 'commander';
import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { parseSpec } from '../schema.ts';

interface Property {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Property[];
  readonly items?: Property;
}

/** Adds an option for each field of an object schema. */
export function addOptions(command: Command, schema: z.ZodType): void {
  for (const [name, field] of Object.entries(fieldsOf(schema))) {
    const property = propertyOf(field);
    const choices = property.enum === undefined ? '' : `: ${property.enum.join(', ')}`;
    const silent = property.default === undefined || property.default === false;
    const fallback = silent ? '' : ` (default: ${shown(property.default)})`;
    const option = new Option(flagsOf(name, property), `${property.description ?? ''}${choices}${fallback}`);
    command.addOption(option);
  }
}

/**
 * What was given on the command line, as a schema's fields: only those that were given, each checked by itself, so that
 * an error names the option.
 *
 * @param values what commander parsed; options that are not of the schema are left out
 * @throws LatentkitError `spec`
 */
export function givenOptions(schema: z.ZodType, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fieldsOf(schema))) {
    const value = values[name];
    if (value === undefined) continue;
    given[name] = parseSpec(field, fromText(value, propertyOf(field)), flagOf(name));
  }
  return given;
}

/** --batch-size */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

function flagsOf(name: string, property: Property): string {
  const kinds = typesOf(property);
  const numeric = kinds.includes('integer') || kinds.includes('number');
  if (kinds.includes('boolean')) return numeric ? `${flagOf(name)} [number]` : flagOf(name);
  const text = kinds.includes('string') ? '|path' : '';
  if (kinds.includes('array')) return `${flagOf(name)} <n,...${text}>`;
  if (numeric && text !== '') return `${flagOf(name)} <number${text}>`;
  if (numeric) return `${flagOf(name)} <number>`;
  return `${flagOf(name)} <${property.enum === undefined ? name.toLowerCase() : 'name'}>`;
}

/**
 * Numbers and lists of numbers out of what was typed; what is none stays text, which the schema may want or complain about.
 */
function fromText(value: unknown, property: Property): unknown {
  if (typeof value !== 'string') return value;
  const kinds = typesOf(property);
  const numeric = kinds.includes('number') || kinds.includes('integer');
  if (kinds.includes('array') && (!numeric || value.includes(','))) {
    const list = value.split(',').map(numberOr);
    return kinds.includes('string') && list.some(part => typeof part === 'string') ? value : list;
  }
  return numeric ? numberOr(value) : value;
}

function numberOr(text: string): number | string {
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

function typesOf({ type, anyOf = [] }: Property): string[] {
  return [...(type === undefined ? [] : [type]), ...anyOf.flatMap(typesOf)];
}

function propertyOf(field: z.ZodType): Property {
  return z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' }) as Property;
}

function fieldsOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  throw new LatentkitError('internal', 'the schema of a command is not that of an object');
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
