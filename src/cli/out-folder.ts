// Where a new run is kept: the folder that was named, which must be free, or the next free name under runs/.

import { type Folder, isRun, nodeFolder } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import { codeOf } from '../io-error.ts';

/** A place for a run, as `fit` takes it. */
export interface OutFolder {
  readonly path: string;
  readonly folder: string | Folder;
}

/** The first of runs/NAME, runs/NAME-2, runs/NAME-3, ... that does not exist or is empty. */
export async function freeFolder(name: string): Promise<OutFolder> {
  for (let n = 1; ; n++) {
    const path = `runs/${name}${n === 1 ? '' : `-${n}`}`;
    const folder = await existing(path);
    if (folder === undefined || (await folder.list()).length === 0) return { path, folder: path };
  }
}

/**
 * The folder of this path, if it is free or may be overwritten.
 * @throws LatentkitError `usage` where it holds something already, `io` where it cannot be read.
 */
export async function namedFolder(path: string, overwrite: boolean): Promise<OutFolder> {
  const folder = await existing(path);
  if (folder === undefined || (await folder.list()).length === 0) return { path, folder: path };
  if (!(await isRun(folder))) {
    throw new LatentkitError(
      'usage',
      `${path}: expected a new or empty folder, got one with files that are no run of Latentkit. Choose another --out.`,
    );
  }
  if (!overwrite) {
    throw new LatentkitError(
      'usage',
      `${path}: this folder holds a run already. Choose another --out, go on with the run by ` +
        `\`latentkit resume ${path}\`, or give --overwrite to replace it.`,
    );
  }
  return { path, folder: replacing(folder) };
}

async function existing(path: string): Promise<Folder | undefined> {
  try {
    return await nodeFolder(path);
  } catch (error) {
    if (error instanceof LatentkitError && codeOf(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}

const runFiles =
  /^(config\.json|model\.safetensors|metrics\.jsonl|golden\.json|README\.md|checkpoint\/state\.safetensors|onnx\/\w+_model\.onnx|images\/(reconstructions|samples|manifold|learning-curves)\.png)$/;

/** A run's folder as if it were free: the old run goes, and nothing else does, when the new one writes its first file. */
function replacing(folder: Folder): Folder {
  let removed: Promise<void> | undefined;
  const removeOld = async (): Promise<void> => {
    // config.json goes first: without it the rest is no run, so a kill in between leaves no mixture that looks like one.
    await folder.remove('config.json');
    for (const file of await folder.list()) if (runFiles.test(file)) await folder.remove(file);
  };
  return {
    ...folder,
    has: async path => removed !== undefined && folder.has(path),
    async write(path, content) {
      removed ??= removeOld();
      await removed;
      await folder.write(path, content);
    },
  };
}
