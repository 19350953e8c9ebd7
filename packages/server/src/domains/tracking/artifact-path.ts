import { fail } from '@millrace/protocol'

const longest = 500

/**
 * Checks a path relative to a run's artifact folder.
 * @throws `run.entry_invalid` for one that is empty, absolute, too long or would leave the folder
 */
export function checkArtifactPath(run: string, path: string): void {
  const reason = problemOf(path)
  if (reason) {
    throw fail('run.entry_invalid', {
      run,
      what: `artifact path ${JSON.stringify(path.slice(0, 200))}`,
      reason,
    })
  }
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.startsWith('/')) return 'it is absolute; give one relative to the run'
  if (path.includes('\\')) return 'it has a backslash; separate folders by "/"'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f]/.test(path) || !path.isWellFormed()) return 'it has characters that are not text'
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'it has an empty, "." or ".." folder'
  }
  return encodePath(path).length > longest ? `it is longer than ${longest} bytes` : undefined
}

/** The place in the object store. Ordinary names stay as they are; other bytes become `=XX`, so none collide. */
export function artifactKey(run: { experimentId: string; id: string }, path: string): string {
  return `artifacts/${run.experimentId}/${run.id}/artifacts/${encodePath(path)}`
}

function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9._@+\-/]+/gu, (text) =>
    [...new TextEncoder().encode(text)]
      .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
}
