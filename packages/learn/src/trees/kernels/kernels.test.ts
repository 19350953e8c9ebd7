import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import createCompiler from 'wabt'
import { createArena } from './arena.ts'
import { loadKernels } from './kernels.ts'
import { kernelsBase64 } from './kernels-wasm.ts'

const prepare = () => {
  const arena = createArena()
  return { arena, kernels: loadKernels(arena.memory) }
}

describe('the compiled kernels', () => {
  it('are those of the source', async () => {
    const compiler = await createCompiler()
    const source = readFileSync(join(import.meta.dirname, 'kernels.wat'), 'utf8')
    const module = compiler.parseWat('kernels.wat', source, { threads: true, simd: true })
    expect(Buffer.from(module.toBinary({}).buffer).toString('base64')).toBe(kernelsBase64)
  })
})

describe('bin', () => {
  it('counts the edges below', () => {
    const edges = fc.uniqueArray(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 20 })
    const values = fc.array(fc.float(), { minLength: 1 })
    fc.assert(
      fc.property(edges, values, fc.constantFrom(0, 1), (unsorted, numbers, shift) => {
        const { arena, kernels } = prepare()
        const sorted = Float32Array.from(unsorted).sort()
        const steps = Math.max(1, Math.ceil(Math.log2(sorted.length + 1)))
        const at = {
          edges: arena.take(4 << steps),
          values: arena.take(4 * numbers.length),
          bins: arena.take(2 * numbers.length),
        }
        const { buffer } = arena.memory
        const table = new Float32Array(buffer, at.edges, 2 ** steps - 1).fill(Infinity)
        table.set(sorted)
        new Float32Array(buffer, at.values, numbers.length).set(numbers)
        kernels.bin(at.values, numbers.length, at.edges, steps, at.bins, shift)
        const bins = shift === 0 ? new Uint8Array(buffer, at.bins) : new Uint16Array(buffer, at.bins)
        const expected = numbers.map((value) =>
          Number.isNaN(value) ? 0 : 1 + sorted.filter((edge) => edge < Math.fround(value)).length,
        )
        expect(Array.from(bins.subarray(0, numbers.length))).toEqual(expected)
      }),
    )
  })
})

describe('partition', () => {
  it.each([0, 1])('keeps the order on both sides (shift %i)', (shift) => {
    const { arena, kernels } = prepare()
    const at = { column: arena.take(64), sides: arena.take(512), rows: arena.take(64) }
    const [left, right] = [arena.take(64), arena.take(64)]
    const { buffer } = arena.memory
    const bins = [3, 300, 1, 2, 300, 3].map((bin) => (shift === 0 ? bin & 0xff : bin))
    if (shift === 0) new Uint8Array(buffer, at.column).set(bins)
    else new Uint16Array(buffer, at.column, 6).set(bins)
    const sides = new Uint8Array(buffer, at.sides, 512)
    for (const bin of [1, 3]) sides[bin] = 1
    new Uint32Array(buffer, at.rows).set([0, 1, 2, 4, 5])
    const mask = shift === 0 ? 0xff : 0xffff
    const toLeft = kernels.partition(at.column, shift, mask, at.sides, at.rows, 5, left, right)
    expect(Array.from(new Uint32Array(buffer, left, toLeft))).toEqual([0, 2, 5])
    expect(Array.from(new Uint32Array(buffer, right, 5 - toLeft))).toEqual([1, 4])
  })
})

describe('histograms', () => {
  it('sum gradients, hessians and rows, by rows as by columns', () => {
    const { arena, kernels } = prepare()
    const table = [1, 2, 3, 2, 1, 3]
    const at = { byRow: arena.take(64), columns: [arena.take(64), arena.take(64)], rows: arena.take(64) }
    const gradients = arena.take(64)
    const histograms = arena.take(8192)
    const again = [arena.take(4096), arena.take(4096)]
    const { buffer } = arena.memory
    new Uint8Array(buffer, at.byRow).set(table)
    new Int32Array(buffer, gradients).set([5, 1, -7, 2, 9, 3])
    new Uint32Array(buffer, at.rows).set([0, 2])
    kernels.addRows(at.byRow, 2, 2, at.rows, 2, gradients, histograms)
    const entry = (histogram: number, bin: number) =>
      Array.from(new Int32Array(buffer, histogram + bin * 16, 4))
    expect(entry(histograms, 1)).toEqual([14, 4, 2, 0])
    expect(entry(histograms, 3)).toEqual([0, 0, 0, 0])
    expect(entry(histograms + 4096, 2)).toEqual([5, 1, 1, 0])
    expect(entry(histograms + 4096, 3)).toEqual([9, 3, 1, 0])
    at.columns.forEach((column, feature) => {
      kernels.spread(at.byRow, 6, column, 1)
      const values = new Uint8Array(buffer, column, 3)
      values.set(table.filter((_, index) => index % 2 === feature))
      kernels.addColumn(column, 0, 0xff, at.rows, 2, gradients, again[feature])
      expect(new Int32Array(buffer, again[feature], 1024)).toEqual(
        new Int32Array(buffer, histograms + feature * 4096, 1024),
      )
    })
    kernels.subtract(histograms, again[0], 4096)
    kernels.add(histograms + 4096, again[1], 4096)
    expect(entry(histograms, 1)).toEqual([0, 0, 0, 0])
    expect(entry(histograms + 4096, 3)).toEqual([18, 6, 2, 0])
  })

  it('sum the weight of each class', () => {
    const { arena, kernels } = prepare()
    const at = { column: arena.take(64), rows: arena.take(64), labels: arena.take(64), sums: arena.take(256) }
    const { buffer } = arena.memory
    new Uint8Array(buffer, at.column).set([1, 2, 1])
    new Uint32Array(buffer, at.rows).set([0, 1, 2])
    new Int32Array(buffer, at.labels).set([2, 10, 0, 5, 1, 4])
    kernels.addClasses(at.column, 0, 0xff, at.rows, 3, at.labels, at.sums, 16)
    const sums = new Int32Array(buffer, at.sums, 16)
    expect(Array.from(sums.subarray(4, 12))).toEqual([2, 0, 4, 10, 1, 5, 0, 0])
  })
})

describe('the arena', () => {
  it('hands out zeros on cache lines, and no more than there are addresses', () => {
    const { arena } = prepare()
    const first = arena.take(1)
    const second = arena.take(100_000)
    expect(first % 64).toBe(0)
    expect(second).toBe(first + 64)
    expect(new Uint8Array(arena.memory.buffer, second, 100_000).every((byte) => byte === 0)).toBe(true)
    expect(() => arena.take(2 ** 32)).toThrow('more than 4 GB')
  })
})

describe('logistic', () => {
  it('gives the derivatives of the loss', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -800, max: 800, noNaN: true }), { minLength: 1, maxLength: 9 }),
        (scores) => {
          const { arena, kernels } = prepare()
          const at = { scores: arena.take(80), targets: arena.take(10), pairs: arena.take(80) }
          const { buffer } = arena.memory
          new Float64Array(buffer, at.scores).set(scores)
          const targets = scores.map((_, row) => row % 2)
          new Uint8Array(buffer, at.targets).set(targets)
          kernels.logistic(at.scores, at.targets, scores.length, at.pairs, 1e-6)
          const pairs = new Float32Array(buffer, at.pairs)
          scores.forEach((score, row) => {
            const p = 1 / (1 + Math.exp(-score))
            expect(Math.abs(pairs[row * 2] - (p - targets[row]))).toBeLessThan(1e-7)
            expect(Math.abs(pairs[row * 2 + 1] - Math.max(1e-6, p * (1 - p)))).toBeLessThan(3e-8)
          })
        },
      ),
    )
  })
})

describe('move', () => {
  it('leaves zeros', () => {
    const { arena, kernels } = prepare()
    const [to, from] = [arena.take(64), arena.take(64)]
    const { buffer } = arena.memory
    new Int32Array(buffer, from, 16).fill(7)
    kernels.move(to, from, 32)
    expect([...new Int32Array(buffer, to, 9)]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 0])
    expect([...new Int32Array(buffer, from, 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 7])
  })
})

describe('quantise', () => {
  it('rounds halves away from zero', () => {
    const { arena, kernels } = prepare()
    const at = arena.take(64)
    const numbers = [0.25, 3, -0.25, 0.124, -0.3, 0.0625, 0, -0]
    new Float32Array(arena.memory.buffer, at, 8).set(numbers)
    kernels.quantise(at, 4, 2, 8)
    expect([...new Int32Array(arena.memory.buffer, at, 8)]).toEqual([1, 24, -1, 1, -1, 1, 0, 0])
  })
})
