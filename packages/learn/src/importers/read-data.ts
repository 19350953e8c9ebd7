/** Throws a RangeError: what was given is no such model, and why. */
export const refuseModel = (format: string, reason: string): never => {
  throw new RangeError(`this is not a model of ${format} that can be read: ${reason}`)
}

export type DataRecord = Readonly<Record<string, unknown>>

/** Looks into data that was parsed from a file; each reader throws a RangeError that names the path. */
export interface DataReader {
  refuse(reason: string): never
  record(value: unknown, path: string): DataRecord
  list(value: unknown, path: string): readonly unknown[]
  /** A list of numbers (booleans count as 0 and 1), of `length` if it is given. */
  numbers(value: unknown, path: string, length?: number): ArrayLike<number>
  text(value: unknown, path: string): string
  /** An integer from `low` to `high`; it may be written as text. */
  integer(value: unknown, path: string, low: number, high: number): number
}

const numberArrays = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Int32Array,
  Float32Array,
  Float64Array,
] as const satisfies readonly (abstract new (
  ...args: never[]
) => ArrayLike<number>)[]

const toNumbers = (value: unknown): ArrayLike<number> | undefined => {
  for (const NumberArray of numberArrays) if (value instanceof NumberArray) return value
  if (!Array.isArray(value)) return undefined
  const numbers = value.map((item: unknown) => (typeof item === 'boolean' ? Number(item) : item))
  return numbers.every((item) => typeof item === 'number') ? numbers : undefined
}

export const createDataReader = (format: string): DataReader => {
  const refuse = (reason: string): never => refuseModel(format, reason)
  return {
    refuse,
    record(value, path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
        return refuse(`${path} must be an object`)
      return value as DataRecord
    },
    list: (value, path) => (Array.isArray(value) ? value : refuse(`${path} must be a list`)),
    numbers(value, path, length) {
      const numbers = toNumbers(value) ?? refuse(`${path} must be a list of numbers`)
      if (length !== undefined && numbers.length !== length)
        refuse(`${path} has ${numbers.length} numbers, not ${length}`)
      return numbers
    },
    text: (value, path) => (typeof value === 'string' ? value : refuse(`${path} must be a text`)),
    integer(value, path, low, high) {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      return typeof number === 'number' && Number.isInteger(number) && number >= low && number <= high
        ? number
        : refuse(`${path} must be an integer from ${low} to ${high}, not ${String(value)}`)
    },
  }
}
