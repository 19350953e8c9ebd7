import { invalid } from './invalid.ts'

/**
 * How one type of MLflow's protos is read from JSON. Habits of proto3's JSON mapping: an integer may come as a numeric
 * string or as a number without a fraction, a double as one of the strings `NaN`, `Infinity`, `-Infinity`.
 */
export interface WireType<T> {
  /** The value, or `undefined` where a proto parser leaves the field unset. @throws MlflowError naming the place */
  read(value: unknown, at: string): T | undefined
  /** What a field has that was not sent. */
  absent?: T
  /** Takes all values of a repeated key of a query; others take the first. */
  repeated?: true
  /** Turns the text of a query into what a body would have. */
  fromQuery?(text: string): unknown
}

export const text: WireType<string> = {
  read(value, at) {
    if (typeof value === 'string') return value
    throw invalid(at, value)
  },
}

/** An int64; beyond 2^53 a number of JSON is no longer the one that was sent. */
export const int64: WireType<number> = {
  read(value, at) {
    const number = numberOf(value)
    if (Number.isSafeInteger(number)) return number
    throw invalid(at, value)
  },
}

export const double: WireType<number> = {
  read(value, at) {
    if (typeof value === 'boolean') return Number(value)
    const number = typeof value === 'string' ? (special.get(value) ?? numberOf(value)) : numberOf(value)
    if (number !== undefined) return number
    throw invalid(at, value)
  },
}

const special = new Map([
  ['NaN', Number.NaN],
  ['nan', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return undefined
  const number = Number(value)
  return Number.isFinite(number) ? number : undefined
}

export const bool: WireType<boolean> = {
  read(value, at) {
    if (typeof value === 'boolean') return value
    throw invalid(at, value, "must be 'true' or 'false'.")
  },
  fromQuery(value) {
    if (/^true$/i.test(value)) return true
    return /^false$/i.test(value) ? false : value
  },
}

/**
 * An enum by name or number. A proto parser ignores names that it does not know, so an unknown one is unset; an unknown
 * number is a mistake.
 */
export function enumOf<const Names extends Readonly<Record<string, number>>>(
  names: Names,
): WireType<keyof Names & string> {
  return {
    read(value, at) {
      const found = Object.entries(names).find(
        ([name, number]) => name === value || number === value || String(number) === value,
      )
      if (!found && typeof value === 'number') throw invalid(at, value)
      return found?.[0]
    },
  }
}

/** A list that is empty when it was not sent. */
export function listOf<T>(type: WireType<T>): WireType<T[]> {
  return {
    absent: [],
    repeated: true,
    read(value, at) {
      if (!Array.isArray(value)) throw invalid(at, value)
      return value.flatMap((item, index) => {
        const read = type.read(item, `${at}[${index}]`)
        return read === undefined ? [] : [read]
      })
    },
  }
}

/** The type with a value for a field that was not sent. */
export function withDefault<T>(type: WireType<T>, absent: T): WireType<T> & { absent: T } {
  return { ...type, absent }
}

/** The type with one more rule; `problem` says what is wrong, or nothing. */
export function checked<T>(type: WireType<T>, problem: (value: T) => string | undefined): WireType<T> {
  return {
    ...type,
    read(value, at) {
      const read = type.read(value, at)
      const reason = read === undefined ? undefined : problem(read)
      if (reason !== undefined) throw invalid(at, value, reason)
      return read
    },
  }
}
