// The command lines of the benchmarks.

import { parseArgs } from 'node:util';

/**
 * Reads the flags, and ends the process with the usage where they are wrong or ask for it.
 *
 * @param flags of `parseArgs`, without `help`
 * @param complete the flags' values to what the benchmark wants to know; throws where they make no sense
 */
export function readOptions(usage, flags, complete) {
  try {
    const options = { ...flags, help: { type: 'boolean', short: 'h' } };
    const { values } = parseArgs({ allowPositionals: true, options });
    if (!values.help) return complete(values);
    console.log(usage);
    return process.exit(0);
  } catch (error) {
    console.log(`${error.message}\n\n${usage}`);
    return process.exit(1);
  }
}

/** The value of a flag as a whole number from 1 to `most`. */
export function count(values, flag, most = Number.MAX_SAFE_INTEGER) {
  const value = Number(values[flag]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of 1 or more' : `from 1 to ${most}`;
  throw new Error(`--${flag}: expected a whole number ${range}, got "${values[flag]}"`);
}

/** The names that a flag lists, each of them known. */
export function names(values, flag, known) {
  const given = values[flag].split(',');
  const unknown = given.filter(name => !known.includes(name));
  if (unknown.length === 0) return given;
  throw new Error(`--${flag}: expected some of ${known.join(', ')}, got ${unknown.join(', ')}`);
}
