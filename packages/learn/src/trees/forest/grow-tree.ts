import { createRandom } from '../../random.ts'
import type { JobMaker } from '../../team.ts'
import { loadKernels } from '../kernels/kernels.ts'
import { createTreePacker, type PackedTree } from '../packed-tree.ts'
import { createFindBest, type ForestNode } from './find-best.ts'
import { drawTreeRows, type TreeRows } from './payload.ts'
import type { ForestWork } from './work.ts'

interface OpenNode {
  readonly begin: number
  readonly count: number
  readonly depth: number
  /** The node whose right child this is; -1 for a left child and the root. */
  readonly rightOf: number
}

/** Piece t grows tree t; it is the same tree in whichever thread. */
export const forestJob: JobMaker<ForestWork> = (work, { index }) => {
  const { table, sums, classes, target, weights, rules } = work
  const memory = work.members[index]
  const { buffer } = work.memory
  const kernels = loadKernels(work.memory)
  const findBest = createFindBest(work, kernels, memory)
  const rows = new Uint32Array(buffer, memory.rows, table.rows)
  const left = new Uint32Array(buffer, memory.left, table.rows)
  const right = new Uint32Array(buffer, memory.right, table.rows)
  const payload = new Int32Array(buffer, memory.payload, table.rows * 2)
  const sides = new Uint8Array(buffer, memory.sides, 65_536)
  const times = new Uint16Array(table.rows)
  const valuesPerLeaf = Math.max(1, classes)

  const sumRows = (begin: number, count: number): ForestNode => {
    const byClass = new Float64Array(sums === 'classes' ? classes : 0)
    let gradient = 0
    let hessian = 0
    for (let at = begin; at < begin + count; at += 1) {
      const first = payload[rows[at] * 2]
      const second = payload[rows[at] * 2 + 1]
      hessian += second
      if (sums === 'classes') byClass[first] += second
      else gradient += first
    }
    const node = { gradient, hessian, rows: count, low: -Infinity, high: Infinity }
    return { begin, count, sums: node, weights: byClass }
  }

  const isPure = ({ sums: { gradient, hessian }, weights: byClass }: ForestNode): boolean => {
    if (sums === 'classes') return byClass.some((weight) => weight === hessian)
    return classes > 0 && (gradient === 0 || gradient === hessian)
  }

  const meanOf = ({ begin, count }: ForestNode): number => {
    let sum = 0
    let total = 0
    for (let at = begin; at < begin + count; at += 1) {
      const row = rows[at]
      const weight = times[row] * (weights?.[row] ?? 1)
      sum += target[row] * weight
      total += weight
    }
    return sum / total
  }

  const valuesOf = (node: ForestNode): number[] => {
    const { gradient, hessian } = node.sums
    if (classes === 0) return [meanOf(node)]
    if (sums === 'numbers') return [1 - gradient / hessian, gradient / hessian]
    return Array.from(node.weights, (weight) => weight / hessian)
  }

  const split = ({ begin, count }: ForestNode, feature: number, ofBins: Uint8Array): number => {
    const { column, shift, mask } = table.features[feature]
    sides.set(ofBins)
    const from = memory.rows + begin * 4
    const toLeft = kernels.partition(
      column,
      shift,
      mask,
      memory.sides,
      from,
      count,
      memory.left,
      memory.right,
    )
    rows.set(left.subarray(0, toLeft), begin)
    rows.set(right.subarray(0, count - toLeft), begin + toLeft)
    return toLeft
  }

  /** What a growth of the score is as a decrease of weight × impurity. */
  const gainPerGrowth = ({ numberScale, weightScale }: TreeRows): number => {
    if (sums === 'classes') return 1 / weightScale
    // Gini's impurity of two classes is twice the variance.
    return (classes > 0 ? 2 : 1) * (weightScale / numberScale ** 2)
  }

  return (_, tree): PackedTree => {
    const random = createRandom(rules.seed, tree)
    const draws = { random, columns: Uint32Array.from(table.features.keys()) }
    const drawn = drawTreeRows(work, { rows, payload, times }, random)
    const perGrowth = gainPerGrowth(drawn)
    const packer = createTreePacker(valuesPerLeaf)
    let minGrowth = 0
    const open: OpenNode[] = [{ begin: 0, count: drawn.count, depth: 0, rightOf: -1 }]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { begin, count, depth, rightOf } = next
      const node = sumRows(begin, count)
      const cover = node.sums.hessian / drawn.weightScale
      if (depth === 0) minGrowth = (rules.minImpurityDecrease * cover) / perGrowth
      const isFinal =
        depth >= rules.maxDepth ||
        count < rules.minSamplesSplit ||
        count < 2 * rules.minSamplesLeaf ||
        isPure(node)
      const best = isFinal ? undefined : findBest(node, minGrowth, draws)
      const here = best
        ? packer.add({ ...best, missingLeft: best.sides[0] === 1, gain: best.growth * perGrowth, cover })
        : packer.addLeaf(cover, valuesOf(node))
      if (rightOf >= 0) packer.setRight(rightOf, here)
      if (!best) continue
      const toLeft = split(node, best.feature, best.sides)
      open.push(
        { begin: begin + toLeft, count: count - toLeft, depth: depth + 1, rightOf: here },
        { begin, count: toLeft, depth: depth + 1, rightOf: -1 },
      )
    }
    return packer.finish()
  }
}
