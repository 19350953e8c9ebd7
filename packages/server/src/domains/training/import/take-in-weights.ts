import { posix } from 'node:path'

/**
 * Puts the weights that a graph of ONNX keeps in files beside it into the graph, so that it is one file; a graph without
 * such comes back as it is. `files` are those of its folder, by path.
 * Formats: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and https://protobuf.dev/programming-guides/encoding
 * What comes back names no file. A file can be named by any number of tensors, so that a small folder would become a
 * huge graph: no more is taken in than all files have together.
 * @throws a RangeError for a file that is not there, for too much, and for what is no ONNX
 */
export function takeInWeights(files: Readonly<Record<string, Uint8Array>>, path: string): Uint8Array {
  const folder = posix.dirname(path)
  const most = Object.values(files).reduce((sum, { length }) => sum + length, 0)
  let taken = 0
  const take = ({ location, start, length }: Place) => {
    const beside = posix.join(folder, location)
    if (!Object.hasOwn(files, beside)) {
      throw new RangeError(`its weights are in "${location}", which is not beside it`)
    }
    const file = files[beside]
    const end = length === undefined ? file.length : start + length
    const isInside = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && start <= end
    if (!isInside || end > file.length) {
      throw new RangeError(`its weights ${start} to ${end} are beyond a file of ${file.length} bytes`)
    }
    taken += end - start
    if (taken > most) {
      throw new RangeError(
        `its weights in files have more than ${most} bytes, which is what all files have together`,
      )
    }
    return file.subarray(start, end)
  }
  return rewrite('model', files[path], take)
}

interface Place {
  location: string
  start: number
  /** To the end of the file without it. */
  length?: number
}

type Message = 'model' | 'training' | 'graph' | 'function' | 'node' | 'attribute' | 'sparse' | 'tensor'
type Take = (place: Place) => Uint8Array

/** All fields through which a tensor can be reached: what is missing here would keep its files. */
const inside: Record<Message, Readonly<Record<number, Message>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
}
const tensorFields = { rawData: 9, externalData: 13, dataLocation: 14 }
const [inGraph, external] = [0, 1]

function rewrite(message: Message, bytes: Uint8Array, take: Take): Uint8Array {
  const fields = [...readFields(bytes)]
  if (message === 'tensor') return rewriteTensor(bytes, fields, take)
  let isChanged = false
  const parts = fields.flatMap(({ number, whole, value }) => {
    const child = inside[message][number]
    if (!child || !value) return [whole]
    const rewritten = rewrite(child, value, take)
    if (rewritten === value) return [whole]
    isChanged = true
    return [header(number, rewritten.length), rewritten]
  })
  return isChanged ? Buffer.concat(parts) : bytes
}

function rewriteTensor(bytes: Uint8Array, fields: readonly Field[], take: Take): Uint8Array {
  const { rawData, externalData, dataLocation } = tensorFields
  const locations = fields.filter(({ number }) => number === dataLocation).map(({ integer }) => integer)
  if (locations.some((location) => location !== inGraph && location !== external)) throw damaged()
  // Of a field that is there more than once, the last counts.
  if (locations.at(-1) !== external) {
    if (fields.some(({ number }) => number === externalData)) throw damaged()
    return bytes
  }
  const entries = new Map(
    fields.flatMap(({ number, value }) => (number === externalData && value ? [readEntry(value)] : [])),
  )
  const weights = take({
    location: entries.get('location') ?? '',
    start: Number(entries.get('offset') ?? 0),
    length: entries.has('length') ? Number(entries.get('length')) : undefined,
  })
  const moved = [rawData, externalData, dataLocation]
  const kept = fields.filter(({ number }) => !moved.includes(number)).map(({ whole }) => whole)
  return Buffer.concat([...kept, header(rawData, weights.length), weights])
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

const damaged = () => new RangeError('it is no ONNX, or damaged')

function* readFields(bytes: Uint8Array): Generator<Field> {
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
    // Readers with tags of 32 bits, as ONNX Runtime, would see another field than this one.
    if (tag >= 2 ** 32) throw damaged()
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
