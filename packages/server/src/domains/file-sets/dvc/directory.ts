import { fail } from '@millrace/protocol'

/** A file of a directory object of DVC. */
export interface DvcEntry {
  /** Of the file's bytes, lower-case hex. */
  md5: string
  relpath: string
}

/**
 * The bytes of a directory object, whose MD5 with `.dir` is its name: as Python's `json.dumps` writes the list, so ASCII
 * only, with a space after each comma and colon.
 * @param batches in the order of the code points of the paths
 */
export async function* directoryBytes(
  batches: AsyncIterable<readonly DvcEntry[]>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let before = '['
  for await (const entries of batches) {
    const items = entries.map(({ md5, relpath }) => `{"md5": "${md5}", "relpath": ${asciiJson(relpath)}}`)
    if (items.length === 0) continue
    yield Buffer.from(before + items.join(', '))
    before = ', '
  }
  yield Buffer.from(before === '[' ? '[]' : ']')
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** @throws `dvc.object_invalid` */
export function parseDirectory(object: string, bytes: Uint8Array): DvcEntry[] {
  const invalid = (reason: string, cause?: unknown) => fail('dvc.object_invalid', { object, reason }, cause)
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (error) {
    throw invalid('it is no JSON', error)
  }
  if (!Array.isArray(parsed)) throw invalid('it is no list of files')
  return parsed.map((entry: Partial<Record<keyof DvcEntry, unknown>> | null, index) => {
    const { md5, relpath } = entry ?? {}
    if (typeof md5 !== 'string' || !/^[0-9a-f]{32}$/.test(md5)) throw invalid(`entry ${index} has no MD5`)
    if (typeof relpath !== 'string') throw invalid(`entry ${index} has no path`)
    return { md5, relpath }
  })
}
