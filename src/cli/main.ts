#!/usr/bin/env node
// The command `latentkit`. All of it is in run.ts, which tests call with streams of their own.

import { nodeIo } from './io.ts';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), nodeIo());
