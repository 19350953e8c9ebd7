import type { Random } from '../../random.ts'
import { createTreePacker, type PackedTree } from '../packed-tree.ts'
import { averagePathLength } from './path-length.ts'

const uniform = (random: Random): number => random.uint32() / 2 ** 32

/** Smallest and greatest number of a column in some rows; NaN if all are missing. */
const findRange = (column: Float32Array, rows: Uint32Array): { low: number; high: number } => {
  let low = Number.NaN
  let high = Number.NaN
  for (const row of rows) {
    const value = column[row]
    if (Number.isNaN(value)) continue
    if (!(value >= low)) low = value
    if (!(value <= high)) high = value
  }
  return { low, high }
}

/** A float32 in [low, high), so that both sides of `x <= threshold` have rows. */
const drawThreshold = (low: number, high: number, random: Random): number => {
  const drawn = Math.fround(low + uniform(random) * (high - low))
  return drawn < high ? drawn : low
}

/** A column that differs among the rows, drawn from those that do, and where to cut it. */
const drawCut = (
  features: readonly Float32Array[],
  columns: Uint32Array,
  rows: Uint32Array,
  random: Random,
): { feature: number; threshold: number } | undefined => {
  for (let tried = 0; tried < columns.length; tried += 1) {
    const pick = tried + random.below(columns.length - tried)
    const feature = columns[pick]
    columns[pick] = columns[tried]
    columns[tried] = feature
    const { low, high } = findRange(features[feature], rows)
    if (low < high) return { feature, threshold: drawThreshold(low, high, random) }
  }
  return undefined
}

/**
 * An isolation tree (Liu, Ting & Zhou 2008) of these rows: columns and cuts drawn at random, down to a row for each
 * leaf or to `maxDepth`. A leaf's value is its depth, plus what is left to be expected for the rows that it has.
 * Missing values go to a side drawn for each node.
 */
export const growIsolationTree = (
  features: readonly Float32Array[],
  sample: Uint32Array,
  allowed: Uint32Array,
  maxDepth: number,
  random: Random,
): PackedTree => {
  const packer = createTreePacker(1)
  const columns = allowed.slice()
  const open = [{ rows: sample, depth: 0, rightOf: -1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { rows, depth, rightOf } = next
    const cut = depth < maxDepth && rows.length > 1 ? drawCut(features, columns, rows, random) : undefined
    const missingLeft = cut !== undefined && uniform(random) < 0.5
    const here = cut
      ? packer.add({ ...cut, missingLeft, gain: 0, cover: rows.length })
      : packer.addLeaf(rows.length, [depth + averagePathLength(rows.length)])
    if (rightOf >= 0) packer.setRight(rightOf, here)
    if (!cut) continue
    const column = features[cut.feature]
    const goesLeft = (row: number): boolean =>
      Number.isNaN(column[row]) ? missingLeft : column[row] <= cut.threshold
    open.push(
      { rows: rows.filter((row) => !goesLeft(row)), depth: depth + 1, rightOf: here },
      { rows: rows.filter(goesLeft), depth: depth + 1, rightOf: -1 },
    )
  }
  return packer.finish()
}
