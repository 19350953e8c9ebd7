import type { LakeColumn } from './lake.ts'
import {
  createdBytes,
  createdVersion,
  headBytes,
  tagFalse,
  tagNull,
  tagNumber,
  tagText,
  tagTrue,
  version,
} from './online-row.ts'

/** Bytes that rows are packed into before more are asked for. */
const slabBytes = 1 << 20

/**
 * Packs rows out of columns as `packRow` does it, a row at a call, without an object for its values. A row is valid
 * for as long as somebody holds it.
 * @param created times of creation in milliseconds, NaN where they are missing
 */
export function createRowPacker(columns: readonly LakeColumn[], created?: Float64Array) {
  const count = columns.length
  const head = created ? headBytes + createdBytes : headBytes
  // Of each text of a dictionary once.
  const texts = columns.map((column) =>
    column.kind === 'string' ? new Array<Buffer | undefined>(column.dictionary.length) : [],
  )
  let slab = Buffer.allocUnsafe(0)
  let view = new DataView(slab.buffer)
  let used = 0

  function sizeOf(row: number): number {
    let size = head + count
    for (let i = 0; i < count; i++) {
      const column = columns[i]
      if (column.kind === 'number' || column.kind === 'timestamp') size += 8
      else if (column.kind === 'string' && column.codes[row] >= 0) {
        const code = column.codes[row]
        const text = texts[i][code] ?? Buffer.from(column.dictionary[code])
        texts[i][code] = text
        size += 4 + text.length
      }
    }
    return size
  }

  return (row: number): Uint8Array => {
    const most = sizeOf(row)
    if (used + most > slab.length) {
      slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, most))
      view = new DataView(slab.buffer)
      used = 0
    }
    const start = used
    slab[start] = created ? createdVersion : version
    view.setUint32(start + 1, count, true)
    if (created) {
      const time = created[row]
      view.setFloat64(start + headBytes, Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time, true)
    }
    const tags = start + head
    let at = tags + count
    for (let i = 0; i < count; i++) {
      const column = columns[i]
      if (column.kind === 'string') {
        const code = column.codes[row]
        const text = code < 0 ? undefined : texts[i][code]
        slab[tags + i] = text ? tagText : tagNull
        if (!text) continue
        view.setUint32(at, text.length, true)
        slab.set(text, at + 4)
        at += 4 + text.length
        continue
      }
      const value = column.values[row]
      if (Number.isNaN(value)) slab[tags + i] = tagNull
      else if (column.kind === 'boolean') slab[tags + i] = value === 0 ? tagFalse : tagTrue
      else {
        slab[tags + i] = tagNumber
        view.setFloat64(at, value, true)
        at += 8
      }
    }
    used = at
    return slab.subarray(start, at)
  }
}
