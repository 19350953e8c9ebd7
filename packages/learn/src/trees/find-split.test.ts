import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createNumberScanner,
  cut,
  growth,
  leftRows,
  missingGoesLeft,
  type NodeSums,
  type SplitRules,
  scanNumbers,
  splitFields,
  sumLeft,
} from './find-split.ts'
import { createArena } from './kernels/arena.ts'
import { loadKernels } from './kernels/kernels.ts'

const entry = fc.oneof(
  fc.constant([0, 0, 0]),
  fc.tuple(
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: 0, max: 500 }),
    fc.integer({ min: 1, max: 9 }),
  ),
)
const rule = fc.record({
  l2: fc.constantFrom(0.5, 3, 1000),
  minHessian: fc.constantFrom(1, 10.5, 700),
  minRows: fc.constantFrom(1, 4, 20),
  minGrowth: fc.constantFrom(0, 50, 5000),
})
const others = { bounded: false, minCategoryRows: 0, categorySmoothing: 0, categoryL2: 0 }

const prepare = (cells: readonly (readonly number[])[]) => {
  const arena = createArena()
  const at = { entries: arena.take(cells.length * 16), found: arena.take(splitFields * 8) }
  const entries = new Int32Array(arena.memory.buffer)
  cells.forEach((cell, bin) => {
    entries.set(cell, at.entries / 4 + bin * 4)
  })
  const sum = (place: number): number => cells.reduce((total, cell) => total + cell[place], 0)
  const node: NodeSums = { gradient: sum(0), hessian: sum(1), rows: sum(2), low: -Infinity, high: Infinity }
  const found = new Float64Array(arena.memory.buffer, at.found, splitFields)
  return {
    kernels: loadKernels(arena.memory),
    entries,
    first: at.entries / 4,
    node,
    found,
    address: at.found,
  }
}

describe('the kernel that looks for a cut', () => {
  it('finds what the plain scan finds', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), rule, (cells, some) => {
        const { kernels, entries, first, node, found, address } = prepare(cells)
        const rules: SplitRules = { ...some, ...others }
        const plain = new Float64Array(splitFields)
        scanNumbers(entries, first, cells.length, node, rules, 0, plain)
        createNumberScanner(kernels, entries)(first, cells.length, node, rules, found, address)
        expect([...found]).toEqual([...plain])
      }),
    )
  })
})

describe('scanNumbers', () => {
  it('sends missing values to the side where they help', () => {
    const cells = [
      [-40, 10, 10],
      [-30, 10, 10],
      [60, 10, 10],
    ]
    const { entries, first, node, found } = prepare(cells)
    const rules: SplitRules = { l2: 1, minHessian: 1, minRows: 1, minGrowth: 0, ...others }
    scanNumbers(entries, first, 3, node, rules, 0, found)
    sumLeft(entries, first, found)
    expect(found[cut]).toBe(1)
    expect(found[missingGoesLeft]).toBe(1)
    expect(found[leftRows]).toBe(20)
    expect(found[growth]).toBeCloseTo(70 ** 2 / 21 + 60 ** 2 / 11 - 10 ** 2 / 31, 10)
  })
})
