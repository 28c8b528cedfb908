// Turns what a zod schema finds wrong into one LatentkitError: sentences with the place, what was expected, what came
// and the nearest right name. Model specs, config files and command-line options are all read through here.

import { z } from 'zod';
import { LatentkitError } from './errors.ts';
import { didYouMean } from './suggest.ts';

/** The schema of one kind of part (a layer, a likelihood): an object whose field `type` says the kind. */
export type PartSchema<S> = z.ZodType<S> & z.core.$ZodTypeDiscriminable;

/** The schema of any part of a table of definitions, told apart by the field `type`. */
export function anyOf<S extends { readonly type: string }>(
  definitions: Readonly<Record<S['type'], { readonly schema: PartSchema<S> }>>,
): PartSchema<S> {
  const schemas = Object.values<{ readonly schema: PartSchema<S> }>(definitions).map(({ schema }) => schema);
  return z.discriminatedUnion('type', schemas as [PartSchema<S>, ...PartSchema<S>[]]);
}

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

/**
 * Validates a value against a schema.
 *
 * @param what what the value is, for the message: `model spec`, `config file train.yaml`.
 * @throws LatentkitError `spec` with one sentence for each fault.
 * @example parseSpec(z.strictObject({ units: z.number() }), { unit: 3 }, 'layer')
 * // layer: "units" is missing (expected a number). layer: unknown field "unit". Did you mean "units"?
 */
export function parseSpec<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) return result.data;
  const sentences = result.error.issues
    .flatMap(issue => flatten(issue, []))
    .map(({ path, message }) => {
      const place = formatPath(path);
      return `${what}: ${place === '' ? '' : `${place}: `}${message}.`.replace(/\?\.$/, '?');
    });
  throw new LatentkitError('spec', [...new Set(sentences)].join(' '), { cause: result.error });
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A union's fault is that of the branch which got past the value's kind; if none did, the kinds of all branches. */
function flatten(issue: Issue, prefix: readonly PropertyKey[]): Fault[] {
  const path = [...prefix, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [{ path, message: issue.message }];
  const entered = issue.errors.find(branch => !branch.some(isKindFault));
  if (entered !== undefined) return entered.flatMap(inner => flatten(inner, path));
  return [{ path, message: issue.message }];
}

/** Whether an issue says that the value itself (nothing inside it) is of the wrong kind. */
function isKindFault(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** encoder[0].units */
function formatPath(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${String(key)}`)).join('');
}

/** The message of one issue, without its place. Zod hands over the raw issue, which still knows value and schema. */
function describe(issue: RawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = fieldsOf(issue.inst);
      return issue.keys
        .map(key => `unknown field "${key}".${didYouMean(key, known) || ` Expected one of: ${known.join(', ')}`}`)
        .join(' ');
    }
    case 'invalid_union':
      if (Array.isArray(issue.options) && typeof issue.discriminator === 'string') {
        const given = valueAt(issue.input, issue.discriminator);
        const names = issue.options.map(String);
        if (given === undefined) return `is missing; expected one of: ${names.join(', ')}`;
        return `expected one of: ${names.join(', ')}, got ${show(given)}${suggestion(given, names)}`;
      }
      return `expected ${expectedByUnion(issue.errors)}, got ${show(issue.input)}${suggestedByUnion(issue.errors)}`;
    case 'invalid_value': {
      const names = issue.values.map(String);
      const expected = names.length === 1 ? show(issue.values[0]) : `one of: ${names.join(', ')}`;
      if (issue.input === undefined) return `is missing; expected ${expected}`;
      return `expected ${expected}, got ${show(issue.input)}${suggestion(issue.input, names)}`;
    }
    case 'invalid_type':
      if (issue.input === undefined) return `is missing; expected ${kinds[issue.expected] ?? issue.expected}`;
      return `expected ${kinds[issue.expected] ?? issue.expected}, got ${show(issue.input)}`;
    case 'too_small':
      return `expected ${bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}, got ${show(issue.input)}`;
    case 'too_big':
      return `expected ${bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}, got ${show(issue.input)}`;
    default:
      return issue.message ?? `is not valid, got ${show(issue.input)}`;
  }
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
};

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array') return `a list of ${relation} ${limit} elements`;
  return origin === 'string' ? `${relation} ${limit} characters` : `${relation} ${limit}`;
}

/** `a whole number or "same"`: what the branches of a union expect of the value itself. */
function expectedByUnion(branches: readonly (readonly Issue[])[]): string {
  const words = branches.flatMap(branch =>
    branch.flatMap(issue => /^(?:is missing; )?expected (.*?)(?:, got .*)?$/.exec(issue.message)?.[1] ?? []),
  );
  return [...new Set(words)].join(' or ');
}

function suggestedByUnion(branches: readonly (readonly Issue[])[]): string {
  const found = branches.flat().flatMap(issue => /Did you mean ".*"\?$/.exec(issue.message)?.[0] ?? []);
  return found[0] === undefined ? '' : `. ${found[0]}`;
}

function fieldsOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function suggestion(given: unknown, names: readonly string[]): string {
  return typeof given === 'string' ? didYouMean(given, names).replace(/^ /, '. ') : '';
}

/** A value as a person would write it, cut short. */
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
