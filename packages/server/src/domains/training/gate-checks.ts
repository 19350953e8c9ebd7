import type { LossComparison } from '@millrace/stats'
import type { SlicedColumn } from './evaluation-slices.ts'
import type { Gate, Limits } from './gate.ts'
import { improvement, type Scores } from './scores.ts'

/** One condition of a gate and what was found. */
export interface Check {
  passed: boolean
  detail: string
}

export interface Baseline {
  name: string
  /** The main metrics of the task, and those of the gate's margins. */
  scores: Scores
}

/** The model against the one in place, on the same rows. */
export interface ChampionComparison {
  /** `model/version` */
  champion: string
  /** The loss of each row that is compared. */
  metric: string
  /** The main metrics of the task, of the champion. */
  scores: Scores
  comparison: LossComparison
}

/** Each metric within its limits. */
export function checkMetrics(scores: Scores, limits: Readonly<Record<string, Limits>>): Check[] {
  return Object.entries(limits).map(([name, limit]) => ({
    passed: isWithin(scores[name], limit),
    detail: `${name} ${show(scores[name])} (${describeLimits(limit)})`,
  }))
}

/** Each margin against one baseline. */
export function checkBaseline(
  scores: Scores,
  baseline: Baseline,
  margins: Readonly<Record<string, number>>,
): Check[] {
  return Object.entries(margins).map(([name, margin]) => ({
    passed: improvement(name, scores[name], baseline.scores[name]) >= margin,
    detail: `${name} ${show(scores[name])} against ${show(baseline.scores[name])} of the ${baseline.name} (at least ${margin} better)`,
  }))
}

/** Better than the champion with significance, or surely not worse by the margin if there is one. */
export function checkChampion(
  { champion, metric, comparison }: ChampionComparison,
  loss: { model: number; champion: number },
  { alpha, nonInferiorityMargin: margin }: NonNullable<Gate['champion']>,
): Check {
  const numbers = `${metric} ${show(loss.model)} against ${show(loss.champion)} of the champion ${champion}`
  if (margin === undefined) {
    return {
      passed: comparison.pValue < alpha,
      detail: `${numbers}, p = ${show(comparison.pValue)} (better with p < ${alpha})`,
    }
  }
  // The upper end of the 1 - 2 alpha interval is the one-sided bound at alpha.
  const bound = comparison.interval[1]
  return {
    passed: bound < margin,
    detail: `${numbers}, difference at most ${show(bound)} (less than ${margin} at ${alpha})`,
  }
}

const mostNamed = 3

/** Each metric within its limits in every slice of each column that has enough rows and defines the metric. */
export function checkSlices(
  columns: readonly SlicedColumn[],
  { metrics }: Pick<NonNullable<Gate['slices']>, 'metrics'>,
): Check[] {
  return columns.flatMap(({ column, slices }) =>
    Object.entries(metrics).map(([name, limit]): Check => {
      const judged = slices.filter(({ scores }) => Object.hasOwn(scores, name))
      const wanted = `${name} by ${column} (${describeLimits(limit)})`
      if (judged.length === 0)
        return { passed: false, detail: `${wanted}: no slice is large enough to judge` }
      const wrong = judged.filter(({ scores }) => !isWithin(scores[name], limit))
      if (wrong.length === 0) return { passed: true, detail: `${wanted} in all ${judged.length} slices` }
      const named = wrong
        .slice(0, mostNamed)
        .map((slice) => `${slice.slice} ${show(slice.scores[name])} (${slice.rows} rows)`)
      const more = wrong.length > mostNamed ? ` and ${wrong.length - mostNamed} more` : ''
      return {
        passed: false,
        detail: `${wanted} not in ${wrong.length} of ${judged.length} slices: ${named.join(', ')}${more}`,
      }
    }),
  )
}

/** One line on what decided: the checks that failed, or all of them. */
export function summarise(checks: readonly Check[]): { passed: boolean; reason: string } {
  const failed = checks.filter((check) => !check.passed)
  return failed.length > 0
    ? { passed: false, reason: `failed: ${failed.map(({ detail }) => detail).join('; ')}` }
    : { passed: true, reason: `passed: ${checks.map(({ detail }) => detail).join('; ')}` }
}

function isWithin(value: number, { min, max }: Limits): boolean {
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY)
}

function describeLimits({ min, max }: Limits): string {
  return [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ].join(' and ')
}

/** Four digits are enough to see what decided. */
export function show(value: number): string {
  return String(Number(value.toPrecision(4)))
}
