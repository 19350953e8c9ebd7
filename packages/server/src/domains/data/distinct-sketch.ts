import type { Lake, LakeOptions } from '../../ports/lake.ts'

/** The smallest hashes of a column's values, rising and each once: of values that are added, these are all that matters. */
export type DistinctSketch = Float64Array

export const emptySketch: DistinctSketch = new Float64Array()

/** Hashes that are kept: the number of distinct values is exact below it. */
const kept = 1024
/** Hashes have so many bits: a double holds them. */
const space = 2 ** 53

/**
 * The number of distinct values: exact up to 1023 (but for values whose hashes are equal), then the estimate of Bar-Yossef
 * et al., "Counting distinct elements in a data stream" (2002), by the k smallest values, with a standard error of
 * 1/√(k-2), 3 %.
 */
export function distinctOf(sketch: DistinctSketch): number {
  if (sketch.length < kept) return sketch.length
  return Math.round((kept - 1) / ((sketch[kept - 1] + 1) / space))
}

/** Adds the values of columns of a relation with so many rows, given by their quoted names, to their sketches. */
export async function countDistinct(
  lake: Pick<Lake, 'rows'>,
  {
    sketches,
    columns,
    relation,
    rows,
  }: { sketches: readonly DistinctSketch[]; columns: readonly string[]; relation: string; rows: number },
  options: LakeOptions = {},
): Promise<DistinctSketch[]> {
  // Of few rows all are looked at.
  const [row] =
    rows <= 4 * kept
      ? [{}]
      : await lake.rows<Record<string, number>>(
          `SELECT ${columns.map((column, i) => `approx_count_distinct(${column}) AS d${i}`).join(', ')} FROM ${relation}`,
          options,
        )
  const found: DistinctSketch[] = []
  for (const [i, column] of columns.entries()) {
    const sketch = sketches[i]
    const take = (below: number) => smallest(lake, { column, relation, below }, options)
    // Beyond the greatest that is kept nothing matters; of many values about twice as many as needed are looked at.
    const limit = sketch.length < kept ? space : sketch[kept - 1]
    const guess = Math.min(limit, Math.ceil((space * 2 * kept) / Math.max(row[`d${i}`] ?? 1, 1)))
    let hashes = await take(guess)
    if (hashes.length < kept && guess < limit) hashes = await take(limit)
    found.push(united(sketch, hashes))
  }
  return found
}

async function smallest(
  lake: Pick<Lake, 'rows'>,
  { column, relation, below }: { column: string; relation: string; below: number },
  options: LakeOptions,
): Promise<number[]> {
  const [{ hashes }] = await lake.rows<{ hashes: number[] | null }>(
    `SELECT list(h ORDER BY h) AS hashes FROM (SELECT DISTINCT h FROM (SELECT hash(${column}) >> 11 AS h FROM ${relation}
       WHERE ${column} IS NOT NULL) WHERE h < ${below} ORDER BY h LIMIT ${kept})`,
    options,
  )
  return hashes ?? []
}

function united(sketch: DistinctSketch, hashes: readonly number[]): DistinctSketch {
  const all = Float64Array.from(new Set([...sketch, ...hashes])).sort()
  return all.slice(0, kept)
}
