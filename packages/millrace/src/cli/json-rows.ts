import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { usageError } from './usage-error.ts'

export type JsonRow = Record<string, unknown>

/**
 * The rows of an option with JSON, or of a file: a JSON object, a JSON array of them, or one a line.
 * @throws a usage error unless exactly one of the two is given, and it has rows
 */
export async function readJsonRows(
  { option, json, file }: { option: string; json?: string; file?: string },
  cwd: string,
): Promise<JsonRow[]> {
  if ((json === undefined) === (file === undefined)) throw usageError(`give either ${option} or --file`)
  if (json !== undefined) return [readJsonRow(json, option)]
  const name = file ?? ''
  const text = await readFile(resolve(cwd, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(
      `cannot read ${name}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
    )
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const isNdjson = lines.length > 1 && lines[0]?.trim().startsWith('{') && lines[0].trim().endsWith('}')
  const values = isNdjson
    ? lines.map((line, i) => parse(line, `${name}: row ${i + 1}`))
    : [parse(text, name)].flat(1)
  if (values.length === 0) throw usageError(`${name} has no rows`)
  return values.map((value, i) => toRow(value, `${name}: row ${i + 1}`))
}

/** The value of an option such as `--inputs`. @throws a usage error if it is no JSON object. */
export function readJsonRow(json: string, option: string): JsonRow {
  return toRow(parse(json, option), option)
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw usageError(`${what} is not JSON: ${(error as Error).message}`)
  }
}

function toRow(value: unknown, what: string): JsonRow {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRow
  throw usageError(`${what} must be a JSON object, got ${JSON.stringify(value).slice(0, 100)}`)
}
