import type { Kwargs } from './kwargs.ts'
import type { Compile, Judgement, ValueRule } from './rule.ts'
import type { Scan } from './scan.ts'

/** Bins and values of a partition: each costs an aggregate. */
const maxCells = 200

interface Holdout {
  tail: number
  internal: number
}

/**
 * Kullback-Leibler divergence of the column's distribution from an expected one, in nats: sum of p ln(p / q). A
 * partition says what is expected: `{values, weights}`, or `{bins, weights, tail_weights?}` with bins closed on the
 * left (the last one on both sides). Holdouts give a weight to what is not expected at all. Without a finite
 * divergence it fails.
 */
const klDivergence: Compile = (kwargs, scan) => {
  const partition = (kwargs.given('partition_object') ?? {}) as Record<string, unknown>
  const threshold = kwargs.given('threshold') === undefined ? undefined : kwargs.number('threshold')
  const holdout: Holdout = {
    tail: shareOf(kwargs, 'tail_weight_holdout'),
    internal: shareOf(kwargs, 'internal_weight_holdout'),
  }
  const bucketize = kwargs.flag('bucketize_data', true)
  const judge = (observed: number, details: Record<string, unknown>): Judgement => ({
    success: Number.isFinite(observed) && (threshold === undefined || observed <= threshold),
    result: { observed_value: Number.isFinite(observed) ? observed : null, details },
  })
  if (partition.values !== undefined) return ofValues(kwargs, scan, { partition, holdout, judge })
  if (!bucketize) throw kwargs.refuse('needs values, not bins, in "partition_object" without bucketize_data')
  return ofBins(kwargs, scan, { partition, holdout, judge })
}

interface Expected {
  partition: Record<string, unknown>
  holdout: Holdout
  judge(observed: number, details: Record<string, unknown>): Judgement
}

function ofValues(kwargs: Kwargs, scan: Scan, { partition, holdout, judge }: Expected): ValueRule {
  const column = kwargs.column()
  if (holdout.internal > 0) throw kwargs.refuse('takes no internal_weight_holdout with values')
  const weights = weightsOf(kwargs, partition.weights)
  const literals = kwargs.literalsOf('partition_object.values', partition.values, column.type)
  if (literals.length !== weights.length) throw kwargs.refuse('needs as many weights as values')
  needSum(kwargs, weights)
  const set = literals.join(', ')
  const rows = scan.aggregate(`count(${column.sql})`)
  const counts = literals.map((one) => scan.distinct([column], `coalesce(sum(n) FILTER (v = ${one}), 0)`))
  const others = scan.distinct([column], `count(*) FILTER (v NOT IN (${set}))`)
  const entropy = scan.distinct([column], `coalesce(sum(n * ln(n)) FILTER (v NOT IN (${set})), 0)`)
  return {
    judge(read) {
      const all = Number(read(rows))
      const observed = counts.map((ref) => Number(read(ref)) / all)
      const [extra, sum] = [Number(read(others)), Number(read(entropy))]
      const scale = extra > 0 ? 1 - holdout.tail : 1
      const expected = weights.map((weight) => weight * scale)
      // All others have one expected weight: what is summed of them is p ln p, and p.
      const rest = 1 - observed.reduce((total, share) => total + share, 0)
      const beyond =
        extra === 0 ? 0 : sum / all - rest * Math.log(all) - rest * Math.log(holdout.tail / extra)
      return judge(divergence(observed, expected) + beyond, {
        observed_partition: { values: partition.values, weights: observed },
        expected_partition: { values: partition.values, weights: expected },
        unexpected_values: extra,
      })
    },
  }
}

function ofBins(kwargs: Kwargs, scan: Scan, { partition, holdout, judge }: Expected): ValueRule {
  const column = kwargs.column(['int64', 'float64'])
  const { bins } = partition
  const weights = weightsOf(kwargs, partition.weights)
  const isRising = (value: unknown, i: number, list: unknown[]) =>
    Number.isFinite(value) && (i === 0 || (value as number) > (list[i - 1] as number))
  if (!Array.isArray(bins) || bins.length !== weights.length + 1 || !bins.every(isRising))
    throw kwargs.refuse('needs "partition_object": {bins: one more than weights, finite and rising; weights}')
  const tails = partition.tail_weights === undefined ? undefined : weightsOf(kwargs, partition.tail_weights)
  if (tails && (tails.length !== 2 || holdout.tail > 0))
    throw kwargs.refuse('needs two tail_weights, and takes no tail_weight_holdout with them')
  const count = (filter: string) => scan.aggregate('count(*)', filter)
  const literal = (bin: unknown) => `'${String(bin)}'::DOUBLE`
  const { sql } = column
  const cells = [
    count(`${sql} < ${literal(bins[0])}`),
    ...weights.map((_, i) => {
      const end = i === weights.length - 1 ? '<=' : '<'
      return count(`${sql} >= ${literal(bins[i])} AND ${sql} ${end} ${literal(bins[i + 1])}`)
    }),
    count(`${sql} > ${literal(bins[bins.length - 1])}`),
  ]
  const zeros = weights.filter((weight) => weight === 0).length
  const scaled = weights.map((weight) =>
    weight === 0 && zeros > 0 ? holdout.internal / zeros : weight * (1 - holdout.tail - holdout.internal),
  )
  const [low, high] = tails ?? [holdout.tail / 2, holdout.tail / 2]
  needSum(kwargs, [...weights, ...(tails ?? [])])
  const expected = [low, ...scaled, high]
  const rows = scan.aggregate(`count(${sql})`)
  return {
    judge(read) {
      const all = Number(read(rows))
      const observed = cells.map((ref) => Number(read(ref)) / all)
      return judge(divergence(observed, expected), {
        observed_partition: {
          bins,
          weights: observed.slice(1, -1),
          tail_weights: [observed[0], observed.at(-1)],
        },
        expected_partition: { bins, weights: scaled, tail_weights: [low, high] },
      })
    },
  }
}

/** Sum of p ln(p / q); infinite where something was not expected at all. */
function divergence(observed: readonly number[], expected: readonly number[]): number {
  return observed.reduce((sum, p, i) => (p === 0 ? sum : sum + p * Math.log(p / expected[i])), 0)
}

function shareOf(kwargs: Kwargs, field: string): number {
  const share = kwargs.given(field) === undefined ? 0 : kwargs.number(field)
  if (share < 0 || share > 1) throw kwargs.refuse(`needs a share from 0 to 1 as "${field}", got ${share}`)
  return share
}

function weightsOf(kwargs: Kwargs, given: unknown): number[] {
  const isWeight = (weight: unknown) => Number.isFinite(weight) && (weight as number) >= 0
  if (!Array.isArray(given) || given.length === 0 || given.length > maxCells || !given.every(isWeight))
    throw kwargs.refuse(`needs weights in "partition_object": 1 to ${maxCells} numbers that are not negative`)
  return given
}

function needSum(kwargs: Kwargs, weights: readonly number[]): void {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (Math.abs(sum - 1) > 1e-6) throw kwargs.refuse(`needs weights with a sum of 1, got ${sum}`)
}

export const klDivergenceRules = {
  expect_column_kl_divergence_to_be_less_than: klDivergence,
} satisfies Record<string, Compile>
