import { fail } from '@millrace/protocol'
import { longestPiece } from './blob.ts'

const mostFiles = 20_000
const longestHeader = 2 * 1024 * 1024
const digestLength = 64

export interface BatchEntry {
  digest: string
  size: number
}

/** Begins a batch: one line of JSON, `[[digest, size], …]`; the bytes of all follow without anything between them. */
export function batchHeader(entries: readonly BatchEntry[]): Buffer {
  return Buffer.from(`${JSON.stringify(entries.map(({ digest, size }) => [digest, size]))}\n`)
}

/** Some files of a batch. Nobody has checked their digests. */
export interface BatchPart {
  files: (BatchEntry & { bytes: Buffer })[]
  /** In which the bytes of all lie one after the other; the reader's. */
  memory: Buffer
}

/** Reads a batch, some files at a time. @throws `blob.batch_invalid` */
export async function* readBatch(body: AsyncIterable<Uint8Array>): AsyncGenerator<BatchPart> {
  const reader = createReader(body)
  for (const entries of runsOf(parseHeader(await reader.line()))) {
    const memory = await reader.bytes(entries.reduce((sum, { size }) => sum + size, 0))
    let end = 0
    const files = entries.map(({ digest, size }) => {
      const begin = end
      end += size
      return { digest, size, bytes: memory.subarray(begin, end) }
    })
    yield { files, memory }
  }
  if (!(await reader.isAtEnd())) throw invalid('there are bytes after the last file')
}

/** Neighbours of at most {@link longestPiece} bytes together. */
function* runsOf(entries: readonly BatchEntry[]): Generator<BatchEntry[]> {
  let run: BatchEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    if (run.length > 0 && bytes + entry.size > longestPiece) {
      yield run
      run = []
      bytes = 0
    }
    run.push(entry)
    bytes += entry.size
  }
  if (run.length > 0) yield run
}

function parseHeader(line: string): BatchEntry[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (error) {
    throw fail('blob.batch_invalid', { reason: 'its first line is no JSON' }, error)
  }
  if (!Array.isArray(parsed)) throw invalid('its first line is no list')
  if (parsed.length > mostFiles) throw invalid(`it has ${parsed.length} files, ${mostFiles} at most`)
  return parsed.map((entry: unknown, index) => {
    const [digest, size] = Array.isArray(entry) ? (entry as unknown[]) : []
    // Whether these are hex digits shows when they are compared with the bytes.
    if (typeof digest !== 'string' || digest.length !== digestLength) {
      throw invalid(`entry ${index} has no SHA-256 in lower-case hex`)
    }
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > longestPiece) {
      throw invalid(`entry ${index} has no size from 0 to ${longestPiece}; send larger files on their own`)
    }
    return { digest, size }
  })
}

/** Reads a body by lines and lengths. */
function createReader(body: AsyncIterable<Uint8Array>) {
  const chunks = body[Symbol.asyncIterator]()
  let current: Uint8Array = new Uint8Array(0)
  let position = 0
  /** Makes sure that a byte is there; false at the end. */
  async function more(): Promise<boolean> {
    while (position === current.byteLength) {
      const next = await chunks.next()
      if (next.done) return false
      current = next.value
      position = 0
    }
    return true
  }
  return {
    async line(): Promise<string> {
      const parts: Buffer[] = []
      let length = 0
      while (await more()) {
        const end = current.indexOf(10, position)
        const part = current.subarray(position, end === -1 ? undefined : end)
        length += part.byteLength
        if (length > longestHeader) throw invalid(`its first line is longer than ${longestHeader} bytes`)
        parts.push(Buffer.from(part))
        position += part.byteLength
        if (end !== -1) {
          position++
          return Buffer.concat(parts).toString('utf8')
        }
      }
      throw invalid('it ends in its first line')
    },
    async bytes(size: number): Promise<Buffer> {
      // Of its own, so that it can be freed.
      const bytes = Buffer.allocUnsafeSlow(size)
      let filled = 0
      while (filled < size) {
        if (!(await more())) throw invalid('it ends before its last file')
        const part = current.subarray(position, position + size - filled)
        bytes.set(part, filled)
        filled += part.byteLength
        position += part.byteLength
      }
      return bytes
    },
    isAtEnd: async () => !(await more()),
  }
}

function invalid(reason: string) {
  return fail('blob.batch_invalid', { reason })
}
