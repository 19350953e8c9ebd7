import { posix } from 'node:path'

/**
 * Puts the weights that a graph of ONNX keeps in files beside it into the graph, so that it is one file; a graph without
 * such comes back as it is. `files` are those of its folder, by path.
 * Formats: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and https://protobuf.dev/programming-guides/encoding
 * @throws a RangeError for a file that is not there and for what is no ONNX
 */
export function takeInWeights(files: Readonly<Record<string, Uint8Array>>, path: string): Uint8Array {
  const folder = posix.dirname(path)
  return rewrite('model', files[path], (location) => {
    const found = files[posix.join(folder, location)]
    if (!found) throw new RangeError(`its weights are in "${location}", which is not beside it`)
    return found
  })
}

type Message = 'model' | 'graph' | 'function' | 'node' | 'attribute' | 'tensor'
type Open = (location: string) => Uint8Array

/** The fields through which a tensor can be reached. */
const inside: Record<Message, Readonly<Record<number, Message>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor' },
  function: { 7: 'node' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph' },
  tensor: {},
}
const tensorFields = { rawData: 9, externalData: 13, dataLocation: 14 }
const external = 1

function rewrite(message: Message, bytes: Uint8Array, open: Open): Uint8Array {
  const fields = [...readFields(bytes)]
  if (message === 'tensor') return rewriteTensor(bytes, fields, open)
  let isChanged = false
  const parts = fields.flatMap(({ number, whole, value }) => {
    const child = inside[message][number]
    if (!child || !value) return [whole]
    const rewritten = rewrite(child, value, open)
    if (rewritten === value) return [whole]
    isChanged = true
    return [header(number, rewritten.length), rewritten]
  })
  return isChanged ? Buffer.concat(parts) : bytes
}

function rewriteTensor(bytes: Uint8Array, fields: readonly Field[], open: Open): Uint8Array {
  const { rawData, externalData, dataLocation } = tensorFields
  if (!fields.some(({ number, integer }) => number === dataLocation && integer === external)) return bytes
  const entries = new Map(
    fields.flatMap(({ number, value }) => (number === externalData && value ? [readEntry(value)] : [])),
  )
  const file = open(entries.get('location') ?? '')
  const start = Number(entries.get('offset') ?? 0)
  const end = entries.has('length') ? start + Number(entries.get('length')) : file.length
  if (!(start >= 0 && start <= end && end <= file.length)) {
    throw new RangeError(`its weights ${start} to ${end} are beyond a file of ${file.length} bytes`)
  }
  const moved = [rawData, externalData, dataLocation]
  const kept = fields.filter(({ number }) => !moved.includes(number)).map(({ whole }) => whole)
  return Buffer.concat([...kept, header(rawData, end - start), file.subarray(start, end)])
}

function readEntry(bytes: Uint8Array): [string, string] {
  const texts = new Map([...readFields(bytes)].map(({ number, value }) => [number, value]))
  const text = (number: number) => new TextDecoder().decode(texts.get(number))
  return [text(1), text(2)]
}

interface Field {
  number: number
  /** With its header. */
  whole: Uint8Array
  /** Of a field with a length. */
  value?: Uint8Array
  integer?: number
}

function* readFields(bytes: Uint8Array): Generator<Field> {
  const damaged = () => new RangeError('it is no ONNX, or damaged')
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = bytes[at++]
      if (byte === undefined) throw damaged()
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw damaged()
  }
  while (at < bytes.length) {
    const start = at
    const tag = varint()
    const [number, wire] = [Math.floor(tag / 8), tag % 8]
    let value: Uint8Array | undefined
    let integer: number | undefined
    if (wire === 0) integer = varint()
    else if (wire === 1) at += 8
    else if (wire === 5) at += 4
    else if (wire === 2) {
      const length = varint()
      value = bytes.subarray(at, at + length)
      at += length
    } else throw damaged()
    if (number === 0 || at > bytes.length) throw damaged()
    yield { number, whole: bytes.subarray(start, at), value, integer }
  }
}

/** Of a field with a length. */
function header(number: number, length: number): Uint8Array {
  return Uint8Array.from([...varintBytes(number * 8 + 2), ...varintBytes(length)])
}

function varintBytes(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varintBytes(Math.floor(value / 128))]
}
