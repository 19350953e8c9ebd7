import { decodeText } from '../text.ts'
import { refuseModel } from './read-data.ts'

type Refuse = (reason: string) => never

const readers = {
  i: { size: 1, list: Int8Array, read: (view: DataView, at: number) => view.getInt8(at) },
  U: { size: 1, list: Uint8Array, read: (view: DataView, at: number) => view.getUint8(at) },
  I: { size: 2, list: Int16Array, read: (view: DataView, at: number) => view.getInt16(at) },
  l: { size: 4, list: Int32Array, read: (view: DataView, at: number) => view.getInt32(at) },
  L: { size: 8, list: Float64Array, read: (view: DataView, at: number) => Number(view.getBigInt64(at)) },
  d: { size: 4, list: Float32Array, read: (view: DataView, at: number) => view.getFloat32(at) },
  D: { size: 8, list: Float64Array, read: (view: DataView, at: number) => view.getFloat64(at) },
} as const
type NumberMark = keyof typeof readers

const isNumberMark = (mark: string): mark is NumberMark => Object.hasOwn(readers, mark)

// XGBoost's files nest less than ten levels.
const maxDepth = 64

/**
 * Parses Universal Binary JSON, draft 12 (https://ubjson.org), all of it but the no-op marker. Lists of one type of
 * number come out as typed arrays. Throws a RangeError for anything else; what it makes is no larger than a small
 * multiple of `bytes`.
 */
export const parseUbjson = (bytes: Uint8Array): unknown => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const refuse: Refuse = (reason) => refuseModel('XGBoost', `its UBJSON ${reason}`)
  let at = 0

  const take = (size: number): number => {
    if (size > bytes.length - at) refuse(`ends too early, at byte ${bytes.length}`)
    at += size
    return at - size
  }
  const mark = (): string => String.fromCharCode(bytes[take(1)])
  const peek = (): string => (at < bytes.length ? String.fromCharCode(bytes[at]) : '')
  const number = (kind: string): number => {
    if (!isNumberMark(kind)) return refuse(`has '${kind}' before byte ${at} where a number is due`)
    const { size, read } = readers[kind]
    return read(view, take(size))
  }
  const length = (): number => {
    const count = number(mark())
    return Number.isSafeInteger(count) && count >= 0 ? count : refuse(`has the length ${count}`)
  }
  const text = (): string => {
    const size = length()
    const start = take(size)
    try {
      return decodeText(bytes.subarray(start, at))
    } catch {
      return refuse(`has a text that is not UTF-8 at byte ${start}`)
    }
  }
  /** The type and the length that a container states, if it does. */
  const header = (): { kind?: string; count?: number } => {
    let kind: string | undefined
    if (peek() === '$') {
      take(1)
      kind = mark()
      if (peek() !== '#') refuse(`states a type but no length at byte ${at}`)
    }
    if (peek() !== '#') return {}
    take(1)
    return { kind, count: length() }
  }
  const list = (depth: number): unknown => {
    const { kind, count } = header()
    if (kind !== undefined && isNumberMark(kind)) {
      const { size, list: NumberList, read } = readers[kind]
      const start = take((count ?? 0) * size)
      const numbers = new NumberList(count ?? 0)
      for (let index = 0; index < numbers.length; index += 1)
        numbers[index] = read(view, start + index * size)
      return numbers
    }
    if (kind !== undefined) refuse(`has a list of type '${kind}', which is not of numbers`)
    const items: unknown[] = []
    while (count === undefined ? peek() !== ']' : items.length < count) items.push(value(mark(), depth + 1))
    if (count === undefined) take(1)
    return items
  }
  const record = (depth: number): unknown => {
    const { kind, count } = header()
    if (kind !== undefined) refuse(`has an object of one type at byte ${at}`)
    const entries: [string, unknown][] = []
    while (count === undefined ? peek() !== '}' : entries.length < count) {
      const key = text()
      entries.push([key, value(mark(), depth + 1)])
    }
    if (count === undefined) take(1)
    return Object.fromEntries(entries)
  }
  const value = (kind: string, depth: number): unknown => {
    if (depth > maxDepth) refuse(`is nested more than ${maxDepth} levels deep`)
    if (kind === '{') return record(depth)
    if (kind === '[') return list(depth)
    if (kind === 'S' || kind === 'H') return text()
    if (kind === 'C') return String.fromCharCode(bytes[take(1)])
    if (kind === 'T' || kind === 'F') return kind === 'T'
    if (kind === 'Z') return null
    return number(kind)
  }

  const parsed = value(mark(), 0)
  if (at !== bytes.length) refuse(`goes on after its end, at byte ${at}`)
  return parsed
}
