import { categorical, missingLeft, type TreeEnsemble, zeroIsMissing } from '../ensemble.ts'
import type { CompiledTrees, Slot } from './compile.ts'
import { type LoadedTrees, loadTrees } from './engine.ts'

type Features = readonly Float32Array[]

/** Place 0 of a set is for what is missing; no set reaches up to the last place. */
const toCategoryPlace = (value: number, zeroMissing: boolean): number => {
  if (Number.isNaN(value) || (zeroMissing && value === 0)) return 0
  return value > -1 && value < 2 ** 31 ? Math.trunc(value) + 1 : -1
}

/**
 * Writes one feature of some rows. A number that is missing becomes one that the nodes' comparison sends to the right
 * side: nothing is below -Infinity, and NaN is not <= anything.
 */
const fillSlot = (
  { rows, categories }: LoadedTrees,
  { flags }: Slot,
  column: Float32Array,
  begin: number,
  count: number,
  place: number,
  stride: number,
): void => {
  const zeroMissing = (flags & zeroIsMissing) !== 0
  if ((flags & categorical) !== 0) {
    for (let row = 0; row < count; row += 1)
      categories[place + row * stride] = toCategoryPlace(column[begin + row], zeroMissing)
  } else if (flags === 0) {
    for (let row = 0; row < count; row += 1) rows[place + row * stride] = column[begin + row]
  } else {
    const missing = (flags & missingLeft) === 0 ? Number.NaN : -Infinity
    for (let row = 0; row < count; row += 1) {
      const value = column[begin + row]
      rows[place + row * stride] = Number.isNaN(value) || (zeroMissing && value === 0) ? missing : value
    }
  }
}

const fillRows = (
  loaded: LoadedTrees,
  slots: readonly Slot[],
  features: Features,
  begin: number,
  count: number,
): void => {
  for (let slot = 0; slot < slots.length; slot += 1)
    fillSlot(loaded, slots[slot], features[slots[slot].feature], begin, count, slot, slots.length)
}

/** As {@link fillRows} for one row. */
const fillRow = (loaded: LoadedTrees, slots: readonly Slot[], features: Features, row: number): void => {
  const { rows } = loaded
  for (let place = 0; place < slots.length; place += 1) {
    const slot = slots[place]
    if (slot.flags === 0) rows[place] = features[slot.feature][row]
    else fillSlot(loaded, slot, features[slot.feature], row, 1, place, slots.length)
  }
}

/** Walks a block of rows down one tree. */
const walkTree = (compiled: CompiledTrees, loaded: LoadedTrees, tree: number, count: number): void => {
  const { rowsAddress, rowStep, leavesAddress } = loaded
  const root = compiled.roots + tree * 4
  if (compiled.testsSets[tree] === 1) loaded.walkSets(count, rowsAddress, rowStep, root, 0, leavesAddress)
  else loaded.walk((count + 7) >> 3, rowsAddress, rowStep, root, 0, compiled.depths[tree], leavesAddress)
}

/** Walks the first row of the block down all trees. */
const walkTrees = (compiled: CompiledTrees, loaded: LoadedTrees): void => {
  const { roots, runs, trees, anySets } = compiled
  const { rowsAddress, leavesAddress } = loaded
  if (anySets) {
    loaded.walkSets(trees, rowsAddress, 0, roots, 4, leavesAddress)
    return
  }
  for (const { firstTree, groups, steps } of runs)
    loaded.walk(groups, rowsAddress, 0, roots + firstTree * 4, 4, steps, leavesAddress + firstTree * 4)
}

/** Adds what rows found in a tree. */
const addTree = (
  { valuesPerLeaf, treeOutput, value, outputs }: TreeEnsemble,
  tree: number,
  { leaves, values }: LoadedTrees,
  count: number,
  sums: Float64Array,
  begin: number,
): void => {
  if (valuesPerLeaf > 1) {
    for (let row = 0; row < count; row += 1)
      for (let output = 0; output < outputs; output += 1)
        sums[begin + row * outputs + output] += value[leaves[row] * outputs + output]
    return
  }
  const first = begin + treeOutput[tree]
  for (let row = 0; row < count; row += 1) sums[first + row * outputs] += values[row]
}

/** Adds what a row found in all trees. */
const addTrees = (
  { valuesPerLeaf, treeOutput, value, outputs }: TreeEnsemble,
  trees: number,
  { leaves, values }: LoadedTrees,
  sums: Float64Array,
  begin: number,
): void => {
  if (outputs === 1) {
    let sum = sums[begin]
    for (let tree = 0; tree < trees; tree += 1) sum += values[tree]
    sums[begin] = sum
  } else if (valuesPerLeaf === 1)
    for (let tree = 0; tree < trees; tree += 1) sums[begin + treeOutput[tree]] += values[tree]
  else
    for (let tree = 0; tree < trees; tree += 1)
      for (let output = 0; output < outputs; output += 1)
        sums[begin + output] += value[leaves[tree] * outputs + output]
}

/** Adds the leaves of each row, in the order of the trees, to `sums`, which has the outputs of row after row. */
export const sumLeaves = (
  ensemble: TreeEnsemble,
  compiled: CompiledTrees,
  features: Features,
  rows: number,
  sums: Float64Array,
): void => {
  const { outputs } = ensemble
  const { slots, trees } = compiled
  const loaded = loadTrees(compiled)
  const { blockRows } = loaded
  let begin = 0
  // A few rows go down eight trees at a time, more rows eight at a time down one tree.
  for (; rows - begin >= 8; begin += Math.min(blockRows, rows - begin)) {
    const count = Math.min(blockRows, rows - begin)
    fillRows(loaded, slots, features, begin, count)
    for (let tree = 0; tree < trees; tree += 1) {
      walkTree(compiled, loaded, tree, count)
      addTree(ensemble, tree, loaded, count, sums, begin * outputs)
    }
  }
  for (; begin < rows; begin += 1) {
    fillRow(loaded, slots, features, begin)
    walkTrees(compiled, loaded)
    addTrees(ensemble, trees, loaded, sums, begin * outputs)
  }
}
