// npm, for what the benchmarks install.

import { spawnSync } from 'node:child_process';

/** Runs npm, the one that runs this process where there is one. */
export function npm(args, cwd) {
  const cli = process.env.npm_execpath;
  const [command, first, shell] = cli ? [process.execPath, [cli], false] : ['npm', [], process.platform === 'win32'];
  const { status } = spawnSync(command, [...first, ...args], { cwd, shell, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${cwd}`);
}
