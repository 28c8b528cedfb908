// Runs the tests and ends with one plain line, `N passed, N failed[, N skipped]`, which every CI can count. Arguments
// choose test files by name; `--slow` has the slow tests do all of their work (LATENTKIT_SLOW). A run in which no test passed is a failure, and so are errors outside of tests.

import { startVitest } from 'vitest/node';

const files = process.argv.slice(2).filter(argument => argument !== '--slow');
if (files.length < process.argv.length - 2) process.env.LATENTKIT_SLOW = '1';
const vitest = await startVitest('test', files, { run: true, watch: false });
const modules = vitest.state.getTestModules();
const tests = modules.flatMap(module => [...module.children.allTests()]);
const count = state => tests.filter(test => test.result().state === state).length;

const passed = count('passed');
const skipped = count('skipped');
// What fails without being a test: a file that does not load, a hook of a suite, a promise that nobody awaited.
const suites = modules.flatMap(module => [module, ...module.children.allSuites()]);
const broken = suites.filter(suite => suite.errors().length > 0).length + vitest.state.getUnhandledErrors().length;
const unfinished = tests.length - passed - skipped;
const failed = unfinished + broken;
await vitest.close();

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = passed > 0 && failed === 0 && (process.exitCode ?? 0) === 0 ? 0 : 1;
