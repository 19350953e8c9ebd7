import { missingLeft, zeroIsMissing } from '../trees/ensemble.ts'
import { floorToFloat32 } from './float32.ts'
import type { ImportedNode, ImportedTree } from './pack-trees.ts'

type Refuse = (reason: string) => never
/** The lines `name=value` of a tree. */
export type TreeLines = ReadonlyMap<string, string>

// Bits of decision_type: categorical, default left, and two for what is missing.
const categoricalBit = 1
const defaultLeftBit = 2
const missingIsZero = 1
const missingIsNaN = 2

const parseNumbers = (text: string | undefined): number[] =>
  text === undefined || text.trim() === '' ? [] : text.trim().split(/\s+/).map(Number)

const readColumns = (lines: TreeLines, path: string, refuse: Refuse) => {
  const leaves = Number(lines.get('num_leaves'))
  if (!(Number.isInteger(leaves) && leaves >= 1))
    refuse(`${path} has ${lines.get('num_leaves') ?? 'no'} leaves`)
  const column = (name: string, length: number, optional = false): number[] => {
    const numbers = parseNumbers(lines.get(name))
    if (optional && numbers.length === 0) return numbers
    if (numbers.length !== length || numbers.some(Number.isNaN))
      refuse(`${path} must have ${length} numbers in ${name}`)
    return numbers
  }
  const splits = leaves - 1
  return {
    splits,
    leaves,
    feature: column('split_feature', splits),
    threshold: column('threshold', splits),
    decision: column('decision_type', splits),
    left: column('left_child', splits),
    right: column('right_child', splits),
    gain: column('split_gain', splits, true),
    internalCount: column('internal_count', splits, true),
    leafCount: column('leaf_count', leaves, true),
    leafValue: column('leaf_value', leaves),
    boundaries: parseNumbers(lines.get('cat_boundaries')),
    words: parseNumbers(lines.get('cat_threshold')),
  }
}
type Columns = ReturnType<typeof readColumns>

const readSet = (
  { boundaries, words }: Columns,
  index: number,
  path: string,
  refuse: Refuse,
): Uint32Array => {
  const begin = boundaries[index]
  const end = boundaries[index + 1]
  if (!(Number.isInteger(index) && begin >= 0 && begin <= end && end <= words.length))
    refuse(`${path} has no set of categories ${index}`)
  return Uint32Array.from(words.slice(begin, end))
}

/** Where a missing value goes, from what LightGBM takes for one. */
const readFlags = (decision: number, threshold: number): number => {
  const goesLeft = (decision & defaultLeftBit) === 0 ? 0 : missingLeft
  switch ((decision >> 2) & 3) {
    case missingIsZero:
      return goesLeft | zeroIsMissing
    case missingIsNaN:
      return goesLeft
    default:
      // NaN counts as 0.
      return threshold >= 0 ? missingLeft : 0
  }
}

/**
 * A tree of LightGBM's text model. Inner nodes come first in the list, then the leaves, which its children count as
 * -1, -2, … Rows go left for `x <= threshold`, in float64; missing categories go right.
 */
export const readLightgbmTree = (
  lines: TreeLines,
  path: string,
  scale: number,
  refuse: Refuse,
): ImportedTree => {
  if (Number(lines.get('is_linear') ?? 0) !== 0)
    refuse(`${path} has linear models in its leaves (linear_tree); train without`)
  const columns = readColumns(lines, path, refuse)
  const { splits, leaves } = columns
  const place = (child: number): number => {
    const node = child < 0 ? splits - 1 - child : child
    return Number.isInteger(child) && node < splits + leaves ? node : refuse(`${path} has no child ${child}`)
  }
  const readSplit = (_: unknown, node: number): ImportedNode => {
    const decision = columns.decision[node]
    const threshold = columns.threshold[node]
    const feature = columns.feature[node]
    if (!(Number.isInteger(feature) && feature >= 0)) refuse(`${path} tests feature ${feature}`)
    const isCategorical = (decision & categoricalBit) !== 0
    return {
      feature,
      threshold: isCategorical ? 0 : floorToFloat32(threshold),
      set: isCategorical ? readSet(columns, threshold, path, refuse) : undefined,
      left: place(columns.left[node]),
      right: place(columns.right[node]),
      flags: isCategorical ? 0 : readFlags(decision, threshold),
      cover: columns.internalCount[node] ?? 0,
      gain: columns.gain[node] ?? 0,
      values: [],
    }
  }
  const readLeaf = (_: unknown, leaf: number): ImportedNode => ({
    feature: -1,
    threshold: 0,
    left: 0,
    right: 0,
    flags: 0,
    cover: columns.leafCount[leaf] ?? 0,
    gain: 0,
    values: [columns.leafValue[leaf] * scale],
  })
  return [...columns.decision.map(readSplit), ...columns.leafValue.map(readLeaf)]
}
