import { closeSync, linkSync, openSync, renameSync } from 'node:fs'

/** How file systems without hard links refuse them. */
const noLinks: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']
/** There is something else already, or a folder of it is a file. */
const inTheWay: readonly unknown[] = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY']

/**
 * Gives a file that has arrived its place, unless something has the name: a rename would replace a file that was made
 * meanwhile, or one whose name differs by case only where the file system takes both for the same.
 * @throws the error of the system; see {@link isInTheWay}
 */
export function placeNew(arrived: string, target: string): void {
  try {
    // The other name goes with the folder in which it arrived.
    linkSync(arrived, target)
  } catch (error) {
    if (!noLinks.includes((error as NodeJS.ErrnoException).code)) throw error
    closeSync(openSync(target, 'wx'))
    renameSync(arrived, target)
  }
}

/** Whether a file could not be placed because of what is there. */
export function isInTheWay(error: unknown): boolean {
  return inTheWay.includes((error as NodeJS.ErrnoException).code)
}
