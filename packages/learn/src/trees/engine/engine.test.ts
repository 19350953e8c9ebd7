import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import createCompiler from 'wabt'
import {
  columnsOf,
  packRandomTrees,
  type RandomTree,
  randomEnsemble,
  randomTable,
} from '../../testing/random-ensembles.ts'
import { predictTrees } from '../predict.ts'
import { sumLeavesPlainly } from '../sum-leaves.ts'
import { getCompiledTrees } from './compile.ts'
import { sumLeaves } from './sum-leaves.ts'
import { walkBase64 } from './walk-wasm.ts'

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
      fc.property(randomEnsemble, randomTable, (trees, rows) => {
        const columns = columnsOf(rows)
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
      fc.property(randomEnsemble, randomTable, (trees, rows) => {
        const together = predictTrees(trees, columnsOf(rows), rows.length)
        const alone = rows.flatMap((row) => [...predictTrees(trees, columnsOf([row]), 1)])
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
      left: { leaf: -1, cover: 1 },
      right: { leaf: 1, cover: 1 },
    })
    const models = [
      packRandomTrees([split(100)], 1, false, rest),
      packRandomTrees(new Array(300).fill(split(700)), 1, false, rest),
    ]
    const columns = columnsOf(Array.from({ length: 1003 }, (_, row) => [0, row, 0]))
    for (const [index, trees] of [...models, ...models].entries()) {
      const predicted = predictTrees(trees, columns, 1003)
      const [cut, size] = index % 2 === 0 ? [100, 1] : [700, 300]
      expect(predicted.every((value, row) => value === (row <= cut ? -size : size))).toBe(true)
    }
  })

  it('predicts nothing of no rows', () => {
    const trees = packRandomTrees([{ leaf: 1, cover: 1 }], 2, true, { aggregate: 'sum', link: 'softmax' })
    expect(predictTrees(trees, columnsOf([]), 0)).toHaveLength(0)
  })
})
