import { fail } from '@millrace/protocol'
import type { FileEntry } from './file-set.ts'

const longestLine = 16 * 1024
const mostFiles = 10_000_000
const digestPattern = /^[0-9a-f]{64}$/

/**
 * The files that a client lists, one JSON object `{path, digest, size}` on each line, as many at a time as have come.
 * @throws `file_set.manifest_invalid` naming the line
 */
export async function* manifestEntries(
  fileSet: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<FileEntry[]> {
  let number = 0
  for await (const lines of linesOf(fileSet, body)) {
    const entries: FileEntry[] = []
    for (const line of lines) {
      number++
      if (number > mostFiles) throw invalid(fileSet, `it has more than ${mostFiles} files`)
      if (line !== '') entries.push(parseLine(fileSet, line, number))
    }
    yield entries
  }
}

function parseLine(fileSet: string, line: string, number: number): FileEntry {
  let entry: Partial<Record<keyof FileEntry, unknown>> | null
  try {
    entry = JSON.parse(line) as typeof entry
  } catch (error) {
    throw fail('file_set.manifest_invalid', { name: fileSet, reason: `line ${number} is no JSON` }, error)
  }
  const { path, digest, size } = entry ?? {}
  if (typeof path !== 'string') throw invalid(fileSet, `line ${number} has no path`)
  if (typeof digest !== 'string' || !digestPattern.test(digest)) {
    throw invalid(fileSet, `line ${number} has no digest of 64 lower-case hex digits`)
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(fileSet, `line ${number} has no size`)
  }
  return { path, digest, size }
}

async function* linesOf(fileSet: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      throw fail('file_set.manifest_invalid', { name: fileSet, reason: 'it is no UTF-8' }, error)
    }
  }
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decode(chunk)).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > longestLine) throw invalid(fileSet, `a line is longer than ${longestLine} characters`)
    yield lines
  }
  rest += decode()
  yield [rest]
}

function invalid(name: string, reason: string) {
  return fail('file_set.manifest_invalid', { name, reason })
}
