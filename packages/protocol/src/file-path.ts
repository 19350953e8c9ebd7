import { fail } from './platform-error.ts'

const longest = 1024

/** The folder, within that of a checkout, where files lie until all of them have arrived. */
export const incomingFolder = '.millrace-incoming'

/**
 * Checks the path of a file in a file set: relative, separated by `/`, the same on every system, and never leading out
 * of the folder it is put into.
 * @throws `file_set.path_invalid`
 */
export function checkFilePath(path: string): void {
  const reason = problemOf(path)
  if (reason) throw fail('file_set.path_invalid', { path: JSON.stringify(path.slice(0, 200)), reason })
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.length > longest) return `it is longer than ${longest} characters`
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'it is absolute'
  if (path.includes('\\')) return 'it has a backslash, which separates folders on some systems'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f]/.test(path) || !path.isWellFormed()) return 'it has characters that are not text'
  if (/(^|\/)\.{0,2}(\/|$)/.test(path)) return 'it has an empty, "." or ".." part'
  if (path.split('/', 1)[0].toLowerCase() === incomingFolder)
    return `"${incomingFolder}" is where checkouts put what arrives`
  return undefined
}

/**
 * The order of the files of a manifest, and of the directory objects of DVC: by code points, which is also that of the
 * bytes of UTF-8. JavaScript's own order is by UTF-16 units and differs beyond U+FFFF.
 */
export function compareFilePaths(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all other units. */
function rank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
