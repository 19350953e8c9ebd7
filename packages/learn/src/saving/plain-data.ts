/** The kinds of typed arrays that models are made of, by the name that a file has for them. */
const arrays = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
} as const
type ArrayName = keyof typeof arrays
export type Numbers = InstanceType<(typeof arrays)[ArrayName]>

const nameOf = (value: object): ArrayName | undefined =>
  (Object.keys(arrays) as ArrayName[]).find((name) => value instanceof arrays[name])

// A key that starts with '$' is written with one more, so that nothing in a model is taken for these marks.
const arrayMark = '$array'
const numberMark = '$number'

/** JSON of plain data, with its typed arrays collected in order. NaN, infinities and -0 survive. */
export const packData = (data: unknown): { json: string; arrays: Numbers[] } => {
  const collected: Numbers[] = []
  const pack = (value: unknown): unknown => {
    if (typeof value === 'number')
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { [numberMark]: Object.is(value, -0) ? '-0' : String(value) }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (Array.isArray(value)) return value.map(pack)
    if (typeof value !== 'object') throw new TypeError(`a model cannot hold a ${typeof value}`)
    const name = nameOf(value)
    if (name !== undefined) {
      const numbers = value as Numbers
      collected.push(numbers)
      return { [arrayMark]: [name, numbers.length] }
    }
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key.startsWith('$') ? `$${key}` : key, pack(item)]),
    )
  }
  return { json: JSON.stringify(pack(data)), arrays: collected }
}

/** How to make an array of `length` from the next bytes. */
export type ArrayReader = (byteLength: number) => ArrayBuffer

/** The data of {@link packData}. Throws a RangeError for marks that it does not make. */
export const unpackData = (json: string, read: ArrayReader): unknown => {
  const unpack = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(unpack)
    const entries = Object.entries(value)
    const [[mark, content] = ['', undefined]] = entries
    if (mark === arrayMark) return unpackArray(content)
    if (mark === numberMark) return unpackNumber(content)
    return Object.fromEntries(
      entries.map(([key, item]) => [key.startsWith('$') ? key.slice(1) : key, unpack(item)]),
    )
  }
  const unpackArray = (content: unknown): Numbers => {
    const [name, length] = Array.isArray(content) ? content : []
    if (!Object.hasOwn(arrays, String(name)) || !Number.isSafeInteger(length) || length < 0)
      throw new RangeError(`it has an array of ${JSON.stringify(content)}`)
    const NumbersOfKind = arrays[name as ArrayName]
    return new NumbersOfKind(read(length * NumbersOfKind.BYTES_PER_ELEMENT))
  }
  const unpackNumber = (content: unknown): number => {
    const number = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity, '-0': -0 }[String(content)]
    if (number === undefined) throw new RangeError(`it has a number ${JSON.stringify(content)}`)
    return number
  }
  return unpack(JSON.parse(json))
}
