import fc from 'fast-check'
import { categorical, missingLeft, type TreeEnsemble, zeroIsMissing } from '../trees/ensemble.ts'

/** How many features {@link randomEnsemble} tests. */
export const randomFeatures = 3

/** A tree on its way to be packed; leaves are numbers. */
export type RandomTree =
  | { readonly leaf: number; readonly cover: number }
  | {
      readonly feature: number
      readonly threshold: number
      readonly set: Uint32Array | undefined
      readonly flags: number
      readonly left: RandomTree
      readonly right: RandomTree
    }

const number = fc.oneof(
  fc.float(),
  fc.constantFrom(0, -0, 1, -1, 0.5, Number.NaN, Infinity, -Infinity, 31, 32, 63, 64, 2 ** 31, -0.5),
  fc.integer({ min: -2, max: 70 }),
)
const threshold = fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1, Infinity, -Infinity, 1.5))
const flags = fc.constantFrom(0, missingLeft, zeroIsMissing, missingLeft | zeroIsMissing)

const { tree } = fc.letrec<{ tree: RandomTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.record({
      leaf: fc.float({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }),
      cover: fc.nat(9),
    }),
    fc.record({
      feature: fc.nat(randomFeatures - 1),
      threshold,
      set: fc.option(fc.uint32Array({ maxLength: 3 }), { nil: undefined }),
      flags,
      left: tie('tree'),
      right: tie('tree'),
    }),
  ),
}))

/** The trees as an ensemble; tree i belongs to output i modulo `outputs`, or has the outputs leaf + 0, leaf + 1, … */
export const packRandomTrees = (
  trees: readonly RandomTree[],
  outputs: number,
  perLeaf: boolean,
  rest: Pick<TreeEnsemble, 'aggregate' | 'link'>,
): TreeEnsemble => {
  const valuesPerLeaf = perLeaf ? outputs : 1
  const nodes: {
    feature: number
    threshold: number
    right: number
    flags: number
    cover: number
    values: number[]
  }[] = []
  const sets: number[] = []
  const setOffsets = [0]
  const add = (one: RandomTree): number => {
    if ('leaf' in one) {
      const values = Array.from({ length: valuesPerLeaf }, (_, output) => one.leaf + output)
      nodes.push({ feature: -1, threshold: 0, right: 0, flags: 0, cover: one.cover, values })
      return one.cover
    }
    if (one.set) {
      sets.push(...one.set)
      setOffsets.push(sets.length)
    }
    const node = {
      feature: one.feature,
      threshold: one.set ? setOffsets.length - 2 : one.threshold,
      right: 0,
      flags: one.flags | (one.set ? categorical : 0),
      cover: 0,
      values: new Array<number>(valuesPerLeaf).fill(0),
    }
    nodes.push(node)
    const left = add(one.left)
    node.right = nodes.length
    node.cover = left + add(one.right)
    return node.cover
  }
  const offsets = [0]
  for (const one of trees) {
    add(one)
    offsets.push(nodes.length)
  }
  return {
    ...rest,
    features: randomFeatures,
    outputs,
    offsets: Uint32Array.from(offsets),
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    right: Uint32Array.from(nodes, (node) => node.right),
    flags: Uint8Array.from(nodes, (node) => node.flags),
    cover: Float32Array.from(nodes, (node) => node.cover),
    gain: new Float32Array(nodes.length),
    value: Float32Array.from(nodes.flatMap((node) => node.values)),
    valuesPerLeaf,
    treeOutput: Uint16Array.from(trees, (_, index) => index % outputs),
    sets: Uint32Array.from(sets),
    setOffsets: Uint32Array.from(setOffsets),
    base: Float64Array.from({ length: outputs }, (_, output) => output / 3),
  }
}

export const randomEnsemble = fc
  .tuple(
    fc.array(tree, { minLength: 1, maxLength: 19 }),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
    fc.record({
      aggregate: fc.constantFrom('sum' as const, 'average' as const),
      link: fc.constantFrom('identity' as const, 'logistic' as const, 'softmax' as const, 'exp' as const),
    }),
  )
  .map(([trees, outputs, perLeaf, rest]) => packRandomTrees(trees, outputs, perLeaf, rest))

/** The columns of a table of rows. */
export const columnsOf = (table: readonly (readonly number[])[]): Float32Array[] =>
  Array.from({ length: randomFeatures }, (_, feature) => Float32Array.from(table, (row) => row[feature]))

/** Rows of numbers, also missing ones and those that are no categories. */
export const randomTable = fc.array(
  fc.array(number, { minLength: randomFeatures, maxLength: randomFeatures }),
  {
    minLength: 1,
    maxLength: 40,
  },
)
