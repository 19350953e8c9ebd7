import { getLearnerKind } from '../learners.ts'
import type { Model, ModelInput } from '../model.ts'
import { decodeText, encodeText } from '../text.ts'
import { type Numbers, packData, unpackData } from './plain-data.ts'

// magic (8 bytes), header length (8), header as JSON, then the arrays; each part is padded to a multiple of 8.
const magic = 'MRMODEL1'
const aligned = (length: number): number => Math.ceil(length / 8) * 8

const toBytes = (values: Numbers): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/**
 * Any model as bytes; the same model always gives the same bytes. The numbers are in the machine's byte order,
 * which is little-endian wherever Node is commonly run.
 */
export const modelToBytes = (model: Model): Uint8Array => {
  const { json, arrays } = packData(model)
  const header = encodeText(json)
  const parts = [encodeText(magic), toBytes(Float64Array.of(header.length)), header, ...arrays.map(toBytes)]
  const bytes = new Uint8Array(parts.reduce((total, part) => total + aligned(part.length), 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += aligned(part.length)
  }
  return bytes
}

const refuse = (reason: string): never => {
  throw new RangeError(`these bytes are not a stored model: ${reason}`)
}

// Not `slice`, which in Node's Buffer is a view of a larger buffer.
const copyBuffer = (bytes: Uint8Array, begin: number, end: number): ArrayBuffer =>
  new Uint8Array(bytes.subarray(begin, end)).buffer

const readHeader = (bytes: Uint8Array): { header: Uint8Array; end: number } => {
  if (bytes.length < 16 || !encodeText(magic).every((byte, index) => byte === bytes[index]))
    return refuse(`no '${magic}' at the start`)
  const length = new Float64Array(copyBuffer(bytes, 8, 16))[0]
  if (!(Number.isSafeInteger(length) && length >= 0 && length <= bytes.length - 16))
    return refuse('they end within the header')
  return { header: bytes.subarray(16, 16 + length), end: 16 + aligned(length) }
}

const isInput = (value: unknown): value is ModelInput => {
  if (typeof value !== 'object' || value === null || !('name' in value) || typeof value.name !== 'string')
    return false
  if (!('kind' in value) || ('unused' in value && value.unused !== true)) return false
  if (value.kind !== 'categorical') return ['numeric', 'boolean', 'timestamp'].includes(String(value.kind))
  return (
    'categories' in value &&
    !('open' in value && value.open !== true) &&
    Array.isArray(value.categories) &&
    value.categories.every((category) => typeof category === 'string')
  )
}

const tasks = ['classification', 'regression', 'clustering', 'anomaly']

const isModel = (value: unknown): value is Model => {
  if (typeof value !== 'object' || value === null) return false
  const { kind, inputs, output } = value as Partial<Model>
  if (typeof kind !== 'string' || !Array.isArray(inputs) || !inputs.every(isInput)) return false
  if (typeof output !== 'object' || output === null || !tasks.includes(output.task)) return false
  return output.task !== 'classification' || (Array.isArray(output.classes) && output.classes.length > 0)
}

/**
 * The model of {@link modelToBytes}, bit for bit. Throws a RangeError if the bytes are anything else, truncated,
 * or would lead prediction astray.
 */
export const modelFromBytes = (bytes: Uint8Array): Model => {
  const { header, end } = readHeader(bytes)
  let at = end
  const read = (byteLength: number): ArrayBuffer => {
    if (at + byteLength > bytes.length) return refuse('they are truncated')
    const buffer = copyBuffer(bytes, at, at + byteLength)
    at += aligned(byteLength)
    return buffer
  }
  const model = unpack(header, read)
  if (at !== bytes.length) refuse(`${bytes.length - at} bytes are left over`)
  if (!isModel(model)) return refuse('they lack what every model has')
  checkModel(model)
  return model
}

const checkModel = (model: Model): void => {
  const kind = getLearnerKind(model.kind)
  try {
    kind.check(model)
  } catch (error) {
    if (error instanceof RangeError) throw error
    // A part is missing or of another type, which the check came upon by using it.
    const reason = error instanceof Error ? error.message : String(error)
    throw new RangeError(
      `these bytes are not a stored model: a part of '${model.kind}' is wrong: ${reason}`,
      {
        cause: error,
      },
    )
  }
}

const unpack = (header: Uint8Array, read: (byteLength: number) => ArrayBuffer): unknown => {
  try {
    return unpackData(decodeText(header), read)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}
