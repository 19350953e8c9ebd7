import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import createCompiler from 'wabt'
import { categorical, missingLeft, type TreeEnsemble, zeroIsMissing } from '../ensemble.ts'
import { predictTrees } from '../predict.ts'
import { sumLeavesPlainly } from '../sum-leaves.ts'
import { getCompiledTrees } from './compile.ts'
import { sumLeaves } from './sum-leaves.ts'
import { walkBase64 } from './walk-wasm.ts'

const features = 3

/** A tree of tests on its way to be packed; leaves are numbers. */
type RandomTree =
  | { readonly leaf: number }
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
    fc.record({ leaf: fc.float({ noNaN: true, noDefaultInfinity: true, min: -9, max: 9 }) }),
    fc.record({
      feature: fc.nat(features - 1),
      threshold,
      set: fc.option(fc.uint32Array({ maxLength: 3 }), { nil: undefined }),
      flags,
      left: tie('tree'),
      right: tie('tree'),
    }),
  ),
}))

const pack = (
  trees: readonly RandomTree[],
  outputs: number,
  perLeaf: boolean,
  rest: Pick<TreeEnsemble, 'aggregate' | 'link'>,
): TreeEnsemble => {
  const valuesPerLeaf = perLeaf ? outputs : 1
  const nodes: { feature: number; threshold: number; right: number; flags: number; values: number[] }[] = []
  const sets: number[] = []
  const setOffsets = [0]
  const add = (one: RandomTree): void => {
    if ('leaf' in one) {
      const values = Array.from({ length: valuesPerLeaf }, (_, output) => one.leaf + output)
      nodes.push({ feature: -1, threshold: 0, right: 0, flags: 0, values })
      return
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
      values: new Array<number>(valuesPerLeaf).fill(0),
    }
    nodes.push(node)
    add(one.left)
    node.right = nodes.length
    add(one.right)
  }
  const offsets = [0]
  for (const one of trees) {
    add(one)
    offsets.push(nodes.length)
  }
  return {
    ...rest,
    features,
    outputs,
    offsets: Uint32Array.from(offsets),
    feature: Int32Array.from(nodes, (node) => node.feature),
    threshold: Float32Array.from(nodes, (node) => node.threshold),
    right: Uint32Array.from(nodes, (node) => node.right),
    flags: Uint8Array.from(nodes, (node) => node.flags),
    cover: new Float32Array(nodes.length),
    gain: new Float32Array(nodes.length),
    value: Float32Array.from(nodes.flatMap((node) => node.values)),
    valuesPerLeaf,
    treeOutput: Uint16Array.from(trees, (_, index) => index % outputs),
    sets: Uint32Array.from(sets),
    setOffsets: Uint32Array.from(setOffsets),
    base: Float64Array.from({ length: outputs }, (_, output) => output / 3),
  }
}

const ensemble = fc
  .tuple(
    fc.array(tree, { minLength: 1, maxLength: 19 }),
    fc.integer({ min: 1, max: 3 }),
    fc.boolean(),
    fc.record({
      aggregate: fc.constantFrom('sum' as const, 'average' as const),
      link: fc.constantFrom('identity' as const, 'logistic' as const, 'softmax' as const, 'exp' as const),
    }),
  )
  .map(([trees, outputs, perLeaf, rest]) => pack(trees, outputs, perLeaf, rest))

const rowsOf = (table: readonly (readonly number[])[]): Float32Array[] =>
  Array.from({ length: features }, (_, feature) => Float32Array.from(table, (row) => row[feature]))

const table = fc.array(fc.array(number, { minLength: features, maxLength: features }), {
  minLength: 1,
  maxLength: 40,
})

describe('the compiled walk', () => {
  it('is that of the source', async () => {
    const compiler = await createCompiler()
    const source = readFileSync(join(import.meta.dirname, 'walk.wat'), 'utf8')
    const module = compiler.parseWat('walk.wat', source, { threads: true, simd: true })
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(walkBase64)
  })
})

describe('the engine', () => {
  it('gives the bits of the plain walk', () => {
    fc.assert(
      fc.property(ensemble, table, (trees, rows) => {
        const columns = rowsOf(rows)
        const compiled = getCompiledTrees(trees)
        if (!compiled) throw new RangeError('these trees are not large')
        const sums = new Float64Array(rows.length * trees.outputs)
        sumLeaves(trees, compiled, columns, rows.length, sums)
        const expected = new Float64Array(sums.length)
        sumLeavesPlainly(trees, columns, rows.length, expected)
        expect(sums).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('gives a row the same bits alone and among others', () => {
    fc.assert(
      fc.property(ensemble, table, (trees, rows) => {
        const together = predictTrees(trees, rowsOf(rows), rows.length)
        const alone = rows.flatMap((row) => [...predictTrees(trees, rowsOf([row]), 1)])
        expect(together).toEqual(Float64Array.from(alone))
      }),
    )
  })

  it('takes more rows than a block, and models in turn', () => {
    const rest = { aggregate: 'sum', link: 'identity' } as const
    const split = (threshold: number): RandomTree => ({
      feature: 1,
      threshold,
      set: undefined,
      flags: 0,
      left: { leaf: -1 },
      right: { leaf: 1 },
    })
    const models = [pack([split(100)], 1, false, rest), pack(new Array(300).fill(split(700)), 1, false, rest)]
    const columns = rowsOf(Array.from({ length: 1003 }, (_, row) => [0, row, 0]))
    for (const [index, trees] of [...models, ...models].entries()) {
      const predicted = predictTrees(trees, columns, 1003)
      const [cut, size] = index % 2 === 0 ? [100, 1] : [700, 300]
      expect(predicted.every((value, row) => value === (row <= cut ? -size : size))).toBe(true)
    }
  })

  it('predicts nothing of no rows', () => {
    const trees = pack([{ leaf: 1 }], 2, true, { aggregate: 'sum', link: 'softmax' })
    expect(predictTrees(trees, rowsOf([]), 0)).toHaveLength(0)
  })
})
