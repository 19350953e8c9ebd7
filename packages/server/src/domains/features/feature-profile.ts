import { setImmediate } from 'node:timers/promises'
import {
  type ColumnProfile,
  fitBins,
  fitCategories,
  profileCategorical,
  profileNumeric,
  psi,
} from '@millrace/stats'
import type { LakeColumn } from '../../ports/lake.ts'

/** Rows of the sample: beyond, every second one is left out, and so on. */
const sampleRows = 20_000
const bins = 20
const categories = 50
/** Below it chance alone moves the shares of bins too far. */
const rowsToCompare = 100
const quantileShares = [0.05, 0.25, 0.5, 0.75, 0.95] as const

/** What one feature was like in the rows that a materialization wrote. */
export interface FeatureProfile {
  feature: string
  rows: number
  nulls: number
  /** Different values: exact up to 20,000 rows, beyond estimated out of a sample. */
  distinct: number
  /** Of numbers; times as milliseconds. Null without a value. */
  min: number | null
  max: number | null
  mean: number | null
  /** At 5, 25, 50, 75 and 95 %, out of the sample; null for what is no number. */
  quantiles: number[] | null
  /** Population stability index against the materialization before; null if there were too few rows to compare. */
  drift: number | null
  /** Bins or categories of the sample; null without a value. */
  shape: ColumnProfile | null
}

type Sample = { kind: 'numeric'; values: number[] } | { kind: 'categorical'; values: (string | null)[] }

interface Accumulator {
  rows: number
  nulls: number
  sum: number
  min: number
  max: number
  /** A row of the sample for so many. */
  stride: number
  sample: Sample
}

/** Takes what is written, part by part, in bounded memory; the same rows in the same order give the same profile. */
export function createProfiler() {
  const accumulators = new Map<string, Accumulator>()

  return {
    add(columns: readonly LakeColumn[], names: readonly string[], rows: number): void {
      for (const [i, name] of names.entries()) {
        const column = columns[i]
        const found = accumulators.get(name) ?? newAccumulator(column)
        accumulators.set(name, found)
        addColumn(found, column, rows)
      }
    },
    /** @param previous the profile of the materialization before, by feature */
    async finish(previous: ReadonlyMap<string, FeatureProfile>): Promise<FeatureProfile[]> {
      const profiles: FeatureProfile[] = []
      for (const [name, found] of accumulators) {
        profiles.push(finish(name, found, previous.get(name)?.shape ?? null))
        // Some 20 ms each: requests have their turn in between.
        await setImmediate()
      }
      return profiles
    },
  }
}

function newAccumulator({ kind }: LakeColumn): Accumulator {
  const isNumeric = kind === 'number' || kind === 'timestamp'
  return {
    rows: 0,
    nulls: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    stride: 1,
    sample: { kind: isNumeric ? 'numeric' : 'categorical', values: [] },
  }
}

function addColumn(found: Accumulator, column: LakeColumn, rows: number): void {
  const before = found.rows
  if (column.kind === 'string') {
    for (let row = 0; row < rows; row++) if (column.codes[row] < 0) found.nulls++
  } else {
    for (let row = 0; row < rows; row++) {
      const value = column.values[row]
      if (Number.isNaN(value)) found.nulls++
      else {
        found.sum += value
        if (value < found.min) found.min = value
        if (value > found.max) found.max = value
      }
    }
  }
  found.rows += rows
  // Rows are counted over all parts: the sample does not depend on where these end.
  for (let row = (found.stride - (before % found.stride)) % found.stride; row < rows; row += found.stride) {
    if (found.sample.kind === 'numeric')
      found.sample.values.push((column as { values: Float64Array }).values[row])
    else found.sample.values.push(textAt(column, row))
    if (found.sample.values.length < sampleRows * 2) continue
    const isKept = (_: unknown, place: number) => place % 2 === 0
    if (found.sample.kind === 'numeric') found.sample.values = found.sample.values.filter(isKept)
    else found.sample.values = found.sample.values.filter(isKept)
    // The row of the greatest place was left out: the next one lies a whole new stride after the one before it.
    found.stride *= 2
    row -= found.stride / 2
  }
}

function textAt(column: LakeColumn, row: number): string | null {
  if (column.kind === 'string') return column.codes[row] < 0 ? null : column.dictionary[column.codes[row]]
  return Number.isNaN(column.values[row]) ? null : String(column.values[row] !== 0)
}

function finish(feature: string, found: Accumulator, before: ColumnProfile | null): FeatureProfile {
  const { rows, nulls, sample } = found
  const count = rows - nulls
  const isNumber = sample.kind === 'numeric' && count > 0
  return {
    feature,
    rows,
    nulls,
    distinct: countDistinct(sample.values, count),
    min: isNumber ? found.min : null,
    max: isNumber ? found.max : null,
    mean: isNumber ? found.sum / count : null,
    quantiles: isNumber ? quantilesOf(sample.values as number[]) : null,
    drift: driftOf(sample, before),
    shape: shapeOf(sample),
  }
}

/**
 * Of values that are there in all `count` times: those of the sample, and where it is none of all, those that it has once
 * stand for sqrt(count / sampled) others each: the Guaranteed-Error Estimator of Charikar, Chaudhuri, Motwani and
 * Narasayya, "Towards Estimation Error Guarantees for Distinct Values", PODS 2000.
 */
function countDistinct(values: readonly (number | string | null)[], count: number): number {
  const times = new Map<number | string, number>()
  let sampled = 0
  for (const value of values) {
    if (value === null || Number.isNaN(value)) continue
    times.set(value, (times.get(value) ?? 0) + 1)
    sampled++
  }
  if (sampled === 0 || sampled >= count) return times.size
  let once = 0
  for (const n of times.values()) if (n === 1) once++
  return Math.round(Math.sqrt(count / sampled) * once + times.size - once)
}

function quantilesOf(values: readonly number[]): number[] | null {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort()
  if (sorted.length === 0) return null
  return quantileShares.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))])
}

function shapeOf(sample: Sample): ColumnProfile | null {
  if (sample.kind === 'numeric') {
    if (!sample.values.some(Number.isFinite)) return null
    return profileWithin(sample, fitBins(sample.values, bins))
  }
  if (sample.values.every((value) => value === null)) return null
  return profileCategorical(sample.values, fitCategories(sample.values, categories))
}

/** Null if the values are so large that their squares are no numbers. */
function profileWithin(sample: Sample & { kind: 'numeric' }, edges: readonly number[]): ColumnProfile | null {
  try {
    return profileNumeric(sample.values, edges)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function driftOf(sample: Sample, before: ColumnProfile | null): number | null {
  if (!before || before.count < rowsToCompare) return null
  if (before.kind === 'numeric') {
    const now = sample.kind === 'numeric' ? profileWithin(sample, before.edges) : null
    return !now || now.count < rowsToCompare ? null : psi(before.counts, now.counts)
  }
  if (sample.kind !== 'categorical') return null
  const now = profileCategorical(sample.values, before.categories)
  if (now.count < rowsToCompare) return null
  return psi([...before.counts, before.other], [...now.counts, now.other])
}
