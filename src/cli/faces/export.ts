// latentkit export

import { nodeFolder } from '../../artifact/index.ts';
import { exportModel } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { bytes, columns } from '../format.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(exportModel, {
  options: command => command.option('--out <folder>', 'where to write the files (default: exported)'),
  async show({ files }, { values }) {
    const out = values.out ?? 'exported';
    const folder = await nodeFolder(out, { create: true });
    for (const [path, content] of Object.entries(files)) await folder.write(path, content);
    const sizes = Object.entries(files).map(([path, content]) => [`${out}/${path}`, bytes(content.length)]);
    return { text: columns(sizes), json: { out, files: Object.keys(files) } };
  },
});
