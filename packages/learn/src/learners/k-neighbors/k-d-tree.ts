import { checkLength, checkNumbers } from '../check-model.ts'

/**
 * Points in a k-d tree (Bentley 1975): node i covers a range of points, halved between the nodes 2i + 1 and 2i + 2
 * at the median of one column.
 */
export interface KdTree {
  readonly width: number
  /** [points, width], in the order of the leaves. */
  readonly points: Float64Array
  /** Which of the points that the tree was built from each of them is. */
  readonly ranks: Int32Array
  /** The column that a node divides; -1 in a leaf. */
  readonly columns: Int32Array
  /** Points on the left are <= this in that column, points on the right >=. */
  readonly cuts: Float64Array
}

/** Ranges of up to so many points are not divided. */
const leafSize = 24

const widestColumn = (points: Float64Array, width: number, range: Int32Array): number => {
  let widest = 0
  let widestRange = -1
  for (let column = 0; column < width; column += 1) {
    let low = Infinity
    let high = -Infinity
    for (const point of range) {
      const value = points[point * width + column]
      if (value < low) low = value
      if (value > high) high = value
    }
    if (high - low > widestRange) {
      widestRange = high - low
      widest = column
    }
  }
  return widest
}

const countNodes = (size: number): number => {
  let nodes = 1
  for (let width = 1, left = size; left > leafSize; left = Math.ceil(left / 2)) {
    width *= 2
    nodes += width
  }
  return nodes
}

/** A tree of points, [points, width]. */
export const buildKdTree = (points: Float64Array, width: number): KdTree => {
  const size = points.length / width
  const ranks = Int32Array.from({ length: size }, (_, point) => point)
  const columns = new Int32Array(countNodes(size)).fill(-1)
  const cuts = new Float64Array(columns.length)
  const divide = (node: number, begin: number, end: number): void => {
    if (end - begin <= leafSize) return
    const range = ranks.subarray(begin, end)
    const column = widestColumn(points, width, range)
    range.sort((a, b) => points[a * width + column] - points[b * width + column] || a - b)
    const middle = (begin + end + 1) >> 1
    columns[node] = column
    cuts[node] = points[ranks[middle] * width + column]
    divide(2 * node + 1, begin, middle)
    divide(2 * node + 2, middle, end)
  }
  divide(0, 0, size)
  const sorted = new Float64Array(points.length)
  ranks.forEach((point, place) => {
    sorted.set(points.subarray(point * width, (point + 1) * width), place * width)
  })
  return { width, points: sorted, ranks, columns, cuts }
}

/** Throws a RangeError for a tree that `visitNear` could not walk. */
export const checkKdTree = ({ width, points, ranks, columns, cuts }: KdTree): void => {
  const size = points?.length / width
  if (!Number.isInteger(size) || size === 0) throw new RangeError("the model's points must be whole rows")
  checkNumbers('points', points, points.length)
  checkLength('ranks', ranks, Int32Array, size)
  const nodes = countNodes(size)
  checkLength('tree', columns, Int32Array, nodes)
  checkNumbers('tree', cuts, nodes)
  const walk = (node: number, count: number): void => {
    if (count <= leafSize) return
    if (!(columns[node] >= 0 && columns[node] < width))
      throw new RangeError(`the model's tree divides column ${columns[node]} of ${width}`)
    walk(2 * node + 1, Math.ceil(count / 2))
    walk(2 * node + 2, Math.floor(count / 2))
  }
  walk(0, size)
}

/**
 * Calls `visit` with ranges of points that may lie nearer to `query` than `reach()`, the nearest first.
 * `gap` turns the difference in one column into its part of the distance: its square, or its size.
 */
export const visitNear = (
  { width, points, columns, cuts }: KdTree,
  query: Float64Array,
  gap: (difference: number) => number,
  reach: () => number,
  visit: (begin: number, end: number) => void,
): void => {
  const gaps = new Float64Array(width)
  const walk = (node: number, begin: number, end: number, distance: number): void => {
    // Rounding must not hide a point at exactly the reach.
    if (distance * (1 - 1e-12) > reach()) return
    const column = columns[node] ?? -1
    if (column === -1) {
      visit(begin, end)
      return
    }
    const middle = (begin + end + 1) >> 1
    const difference = query[column] - cuts[node]
    const left = difference <= 0
    if (left) walk(2 * node + 1, begin, middle, distance)
    else walk(2 * node + 2, middle, end, distance)
    const before = gaps[column]
    gaps[column] = Math.max(before, gap(difference))
    const farther = distance - before + gaps[column]
    if (left) walk(2 * node + 2, middle, end, farther)
    else walk(2 * node + 1, begin, middle, farther)
    gaps[column] = before
  }
  walk(0, 0, points.length / width, 0)
}
