// Some tasks look at the run's folder; a model that was trained in memory has none.

import type { Folder } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import type { OpenedRun } from './task.ts';

/** The run's folder. Throws a LatentkitError `usage` where it was trained without one. */
export function folderOf({ folder }: OpenedRun, task: string): Folder {
  if (folder !== undefined) return folder;
  throw new LatentkitError(
    'usage',
    `${task}: expected a run that is kept in a folder; train it with the option "folder".`,
  );
}
