// latentkit verify

import { verify } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(verify, {
  show(result, { path }) {
    const { ok, files, models } = result;
    const lines = [
      `${files.checked} files: ${files.missing.length + files.changed.length === 0 ? 'as they were written' : 'NOT as they were written'}`,
      ...files.missing.map(file => `  missing  ${file}`),
      ...files.changed.map(file => `  changed  ${file}`),
      ...models.map(
        ({ model, difference, ok }) =>
          `${model}: ${ok ? 'gives' : 'does NOT give'} the engine's numbers (largest relative difference ${difference.toExponential(1)})`,
      ),
      ok ? `${path} is sound` : `${path} is NOT sound`,
    ];
    return { text: lines.join('\n'), json: { ...result } };
  },
  exitCode: ({ ok }) => (ok ? 0 : 1),
});
