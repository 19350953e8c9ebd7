import type { FittedColumn, Preprocessor } from '../preprocessing/preprocessor.ts'
import { decodeText, encodeText } from '../text.ts'
import type { Forest } from './forest.ts'
import type { ForestModel } from './model.ts'
import { isHeader, type ModelHeader, toHeader } from './model-header.ts'

// magic (8 bytes), header length (8), header as JSON, then the arrays; each part is padded to a multiple of 8.
const magic = 'MRFORST1'
const aligned = (length: number): number => Math.ceil(length / 8) * 8

type Numbers = Uint32Array | Int16Array | Float32Array | Float64Array

const toBytes = (values: Numbers | Uint8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

// Not `slice`, which in Node's Buffer is a view of a larger buffer.
const copyBuffer = (bytes: Uint8Array, begin: number, end: number): ArrayBuffer =>
  new Uint8Array(bytes.subarray(begin, end)).buffer

/**
 * The model as bytes, about 14 for each node; the same model always gives the same bytes. The numbers are in
 * the machine's byte order, which is little-endian wherever Node is commonly run.
 */
export const modelToBytes = (model: ForestModel): Uint8Array => {
  const { forest, preprocessor } = model
  const header = encodeText(JSON.stringify(toHeader(model)))
  const means = preprocessor.columns.flatMap((column) =>
    column.kind === 'categorical' ? [column.means] : [],
  )
  const parts = [
    encodeText(magic),
    Float64Array.of(header.length),
    header,
    forest.offsets,
    forest.feature,
    forest.threshold,
    forest.right,
    forest.share,
    model.importance,
    ...means,
  ].map(toBytes)
  const bytes = new Uint8Array(parts.reduce((total, part) => total + aligned(part.length), 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += aligned(part.length)
  }
  return bytes
}

const refuse = (reason: string): never => {
  throw new RangeError(`these bytes are not a stored forest model: ${reason}`)
}

/** Every path must end in a leaf, and every test must name a column, or prediction could run astray. */
const checkForest = ({ offsets, feature, right, share }: Forest, columns: number): void => {
  if (offsets[0] !== 0) refuse('the first tree does not start at node 0')
  for (let tree = 0; tree < offsets.length - 1; tree += 1) {
    const end = offsets[tree + 1]
    if (end <= offsets[tree] || end > feature.length) refuse(`tree ${tree} has no nodes`)
    for (let node = offsets[tree]; node < end; node += 1) {
      if (!(share[node] >= 0 && share[node] <= 1)) refuse(`node ${node} has share ${share[node]}`)
      if (feature[node] < 0) continue
      if (feature[node] >= columns) refuse(`node ${node} tests column ${feature[node]} of ${columns}`)
      if (right[node] <= node + 1 || right[node] >= end) refuse(`node ${node} leads to node ${right[node]}`)
    }
  }
}

const parseHeader = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(decodeText(bytes))
  } catch (error) {
    return refuse(`the header is no JSON (${String(error)})`)
  }
}

const readHeader = (bytes: Uint8Array): { header: ModelHeader; end: number } => {
  if (bytes.length < 16 || !encodeText(magic).every((byte, index) => byte === bytes[index]))
    refuse(`no '${magic}' at the start`)
  const length = new Float64Array(copyBuffer(bytes, 8, 16))[0]
  if (!(length >= 0 && length <= bytes.length - 16)) refuse('they end within the header')
  const header = parseHeader(bytes.subarray(16, 16 + length))
  return isHeader(header) ? { header, end: 16 + aligned(length) } : refuse('the header is incomplete')
}

/**
 * The model of {@link modelToBytes}, bit for bit. Throws a RangeError if the bytes are anything else,
 * truncated, or would lead prediction out of the trees.
 */
export const modelFromBytes = (bytes: Uint8Array): ForestModel => {
  const { header, end } = readHeader(bytes)
  let at = end
  const read = <T extends Numbers>(make: (buffer: ArrayBuffer) => T, byteLength: number): T => {
    if (at + byteLength > bytes.length) refuse('they are truncated')
    const values = make(copyBuffer(bytes, at, at + byteLength))
    at += aligned(byteLength)
    return values
  }
  const uint32 = (length: number) => read((buffer) => new Uint32Array(buffer), length * 4)
  const float32 = (length: number) => read((buffer) => new Float32Array(buffer), length * 4)
  const forest: Forest = {
    offsets: uint32(header.trees + 1),
    feature: read((buffer) => new Int16Array(buffer), header.nodes * 2),
    threshold: float32(header.nodes),
    right: uint32(header.nodes),
    share: float32(header.nodes),
  }
  checkForest(forest, header.columns.length)
  const importance = read((buffer) => new Float64Array(buffer), header.columns.length * 8)
  const columns = header.columns.map(
    (column): FittedColumn =>
      column.kind === 'numeric' ? column : { ...column, means: float32(column.categories.length) },
  )
  if (at !== bytes.length) refuse(`${bytes.length - at} bytes are left over`)
  const preprocessor: Preprocessor = { prior: header.prior, columns }
  return { kind: 'random-forest-classifier', preprocessor, forest, importance }
}
