import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild } from './child.ts'

/**
 * A Python with the packages of `requirements` (a file of pinned versions), in a virtual environment under `workDir`.
 * Made on the first run and again when the file changes. Returns the path of the interpreter.
 */
export async function preparePython(
  workDir: string,
  requirements: string,
  progress: (message: string) => void,
): Promise<string> {
  const venv = join(workDir, 'venv')
  const python = join(venv, 'bin', 'python')
  const marker = join(venv, 'requirements.sha256')
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
  if ((await readIfPresent(marker)) === wanted) return python
  progress('installing the peers')
  await rm(venv, { recursive: true, force: true })
  await getFromChild('python3', ['-m', 'venv', venv])
  await getFromChild(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ])
  await writeFile(marker, wanted)
  return python
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
