import { readFile } from 'node:fs/promises'
import { fail } from '@millrace/protocol/errors'
import { isMap, isScalar, parseDocument, type Scalar, visit } from 'yaml'

export type MetaValue = string | null | { [key: string]: MetaValue } | MetaValue[]
export type Meta = Record<string, MetaValue>

/**
 * Reads a `meta.yaml`. Every scalar stays the text that it was written as, because YAML libraries differ in what a plain
 * `1e3` or `yes` is; what is to be a number is read as one by the caller.
 * @throws `mlflow.source_invalid`
 */
async function readMeta(path: string): Promise<Meta> {
  const document = parseDocument(await readFile(path, 'utf8'), { schema: 'failsafe' })
  const problem = document.errors[0]?.message
  if (problem) throw invalid(path, problem)
  if (!isMap(document.contents)) throw invalid(path, 'it is not a mapping')
  visit(document, {
    Scalar(_key, node: Scalar<unknown>) {
      if (isScalar(node) && node.type === 'PLAIN' && ['null', '~', ''].includes(String(node.value))) {
        node.value = null
      }
    },
  })
  return document.toJS() as Meta
}

/** Typed access to one meta file; every complaint names it. */
export function metaReader(path: string, meta: Meta) {
  const textOrNull = (key: string): string | null => {
    const value = meta[key] ?? null
    if (value === null || typeof value === 'string') return value
    throw invalid(path, `${key} is not a text`)
  }
  const text = (key: string): string => {
    const value = textOrNull(key)
    if (value === null) throw invalid(path, `${key} is missing`)
    return value
  }
  const integerOrNull = (key: string): number | null => {
    const value = textOrNull(key)
    if (value === null) return null
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw invalid(path, `${key} is "${value}", not a whole number`)
    return number
  }
  return {
    text,
    textOrNull,
    integerOrNull,
    integer(key: string): number {
      const value = integerOrNull(key)
      if (value === null) throw invalid(path, `${key} is missing`)
      return value
    },
    entries(key: string): Record<string, string> {
      const value = meta[key] ?? null
      // An empty list stands for no tags in the meta files of runs.
      if (value === null || (Array.isArray(value) && value.length === 0)) return {}
      if (typeof value !== 'object' || Array.isArray(value)) throw invalid(path, `${key} is not a mapping`)
      return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, String(entry ?? '')]))
    },
    oneOf<const Value extends string>(key: string, values: Record<string, Value>): Value {
      const value = text(key)
      const found = values[value]
      if (found === undefined) throw invalid(path, `${key} is "${value}", not one of ${Object.keys(values)}`)
      return found
    },
  }
}

export type MetaReader = ReturnType<typeof metaReader>

export async function openMeta(path: string): Promise<MetaReader> {
  return metaReader(path, await readMeta(path))
}

export function invalid(where: string, reason: string) {
  return fail('mlflow.source_invalid', { where, reason })
}
