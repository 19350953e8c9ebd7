import { fail } from '@millrace/protocol'

/** The store's key holds the encoded path after its own beginning. */
const longest = 1000
const longestPart = 255
/** Where the files lie in the object store. */
export const artifactPrefix = 'artifacts/'

/**
 * Checks a path relative to the artifact root. It stays as it is given: `%XX` is decoded to see what a client or proxy
 * might make of it, not to change it.
 * @throws `artifact.path_invalid`
 */
export function checkArtifactPath(path: string): void {
  let decoded = path
  for (;;) {
    const reason = problemOf(decoded)
    if (reason) throw fail('artifact.path_invalid', { path: JSON.stringify(path.slice(0, 200)), reason })
    const next = decodeOnce(decoded)
    if (next === decoded) break
    decoded = next
  }
  const encoded = encodePath(path)
  const tooLong =
    encoded.length > longest
      ? `it is longer than ${longest} bytes`
      : encoded.split('/').some((part) => part.length > longestPart)
        ? `one of its parts is longer than ${longestPart} bytes`
        : undefined
  if (tooLong)
    throw fail('artifact.path_invalid', { path: JSON.stringify(path.slice(0, 200)), reason: tooLong })
}

/** As a path, or `''`: the root. @throws `artifact.path_invalid` */
export function checkArtifactFolder(folder: string): void {
  if (folder !== '') checkArtifactPath(folder)
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute'
  if (path.includes('\\')) return 'it has a backslash; separate folders by "/"'
  if (path.includes('#')) return 'it has a "#"'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f]/.test(path) || !path.isWellFormed()) return 'it has characters that are not text'
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'it has an empty, "." or ".." part'
  }
  return undefined
}

/** Decodes what is well-formed `%XX`, as lenient decoders do; each pass makes the text shorter or leaves it. */
function decodeOnce(path: string): string {
  return path.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  )
}

/** The place in the object store. Ordinary names stay as they are; other bytes become `=XX`, so none collide. */
export function artifactKey(path: string): string {
  return artifactPrefix + encodePath(path)
}

/** The path whose key this is; `undefined` for one that no path has. */
export function pathOfKey(key: string): string | undefined {
  if (!key.startsWith(artifactPrefix)) return undefined
  const path = key
    .slice(artifactPrefix.length)
    .replace(/(?:=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString('utf8'))
  return artifactKey(path) === key ? path : undefined
}

function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9._@+\-/]+/gu, (text) =>
    [...new TextEncoder().encode(text)]
      .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
}

/** The folders that a path lies in, outermost first. */
export function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, depth) => parts.slice(0, depth + 1).join('/'))
}
