import { encodeText } from '../text.ts'

/**
 * Writes one Protocol Buffers message (https://protobuf.dev/programming-guides/encoding). Only what ONNX needs:
 * integers are int64 and must be safe. The npm alternatives were an unmaintained wrapper over an old
 * protobufjs, or a full code generator.
 */
export type ProtoWriter = {
  readonly integer: (field: number, value: number) => void
  readonly float: (field: number, value: number) => void
  readonly text: (field: number, value: string) => void
  readonly bytes: (field: number, value: Uint8Array) => void
  readonly message: (field: number, fill: (writer: ProtoWriter) => void) => void
  /** Packed repeated integers. */
  readonly integers: (field: number, values: ArrayLike<number>) => void
  /** Packed repeated floats. */
  readonly floats: (field: number, values: ArrayLike<number>) => void
  readonly finish: () => Uint8Array
}

const lengthDelimited = 2
const fixed32 = 5

const varintLength = (value: number): number => {
  // A negative int64 is written as 2^64 more, which takes ten groups of seven bits.
  if (value < 0) return 10
  let length = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length += 1
  return length
}

/** A writer with nothing written. */
export const createProtoWriter = (): ProtoWriter => {
  let buffer = new Uint8Array(64)
  let view = new DataView(buffer.buffer)
  let size = 0

  const reserve = (bytes: number): void => {
    if (size + bytes <= buffer.length) return
    const bigger = new Uint8Array(Math.max(buffer.length * 2, size + bytes))
    bigger.set(buffer)
    buffer = bigger
    view = new DataView(buffer.buffer)
  }
  const varint = (value: number): void => {
    reserve(10)
    if (value < 0) {
      for (let rest = BigInt.asUintN(64, BigInt(value)); rest > 0n; rest >>= 7n) {
        buffer[size] = Number(rest & 127n) | (rest > 127n ? 128 : 0)
        size += 1
      }
      return
    }
    let rest = value
    while (rest > 127) {
      buffer[size] = (rest % 128) | 128
      size += 1
      rest = Math.floor(rest / 128)
    }
    buffer[size] = rest
    size += 1
  }
  const rawFloat = (value: number): void => {
    reserve(4)
    view.setFloat32(size, value, true)
    size += 4
  }
  const bytes = (field: number, value: Uint8Array): void => {
    varint(field * 8 + lengthDelimited)
    varint(value.length)
    reserve(value.length)
    buffer.set(value, size)
    size += value.length
  }

  return {
    integer(field, value) {
      varint(field * 8)
      varint(value)
    },
    float(field, value) {
      varint(field * 8 + fixed32)
      rawFloat(value)
    },
    text: (field, value) => bytes(field, encodeText(value)),
    bytes,
    message(field, fill) {
      const inner = createProtoWriter()
      fill(inner)
      bytes(field, inner.finish())
    },
    integers(field, values) {
      varint(field * 8 + lengthDelimited)
      let length = 0
      for (let index = 0; index < values.length; index += 1) length += varintLength(values[index])
      varint(length)
      for (let index = 0; index < values.length; index += 1) varint(values[index])
    },
    floats(field, values) {
      varint(field * 8 + lengthDelimited)
      varint(values.length * 4)
      for (let index = 0; index < values.length; index += 1) rawFloat(values[index])
    },
    finish: () => buffer.subarray(0, size),
  }
}
