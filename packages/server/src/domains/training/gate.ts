import { compareLogLoss, type LossComparison } from '@millrace/stats'
import { type Static, Type } from 'typebox'
import type { Scores } from './scores.ts'

export const Gate = Type.Object(
  {
    /** How much higher than that of every baseline the ROC AUC must be. */
    aucMargin: Type.Number({ minimum: 0, maximum: 1 }),
    /** How much lower than that of every baseline the log loss must be. */
    logLossMargin: Type.Number({ minimum: 0 }),
    /** Columns whose groups give the historical mean. */
    baselineGroup: Type.Object(
      { hour: Type.String({ minLength: 1 }), key: Type.String({ minLength: 1 }) },
      { additionalProperties: false },
    ),
    /** One-sided significance of the comparison with the champion. */
    alpha: Type.Number({ minimum: 0.0001, maximum: 0.25 }),
    /**
     * Without it the model must be better than the champion; with it, it is enough that the log loss is surely not
     * this much higher.
     */
    nonInferiorityMargin: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
)
export type Gate = Static<typeof Gate>

export interface Baseline extends Scores {
  name: string
}

/** The model against the one in place, on the same rows. */
export interface ChampionComparison extends Scores {
  /** `model/version` */
  champion: string
  comparison: LossComparison
}

export interface Check {
  passed: boolean
  detail: string
}

export function compareWithChampion(
  predictions: { labels: Float64Array; champion: Float64Array; challenger: Float64Array },
  { alpha }: Gate,
): LossComparison {
  return compareLogLoss(predictions, { confidence: 1 - 2 * alpha })
}

/** Both margins against one baseline. */
export function checkBaseline(scores: Scores, baseline: Baseline, gate: Gate): Check[] {
  const auc = scores.rocAuc - baseline.rocAuc
  const loss = baseline.logLoss - scores.logLoss
  return [
    {
      passed: auc >= gate.aucMargin,
      detail: `ROC AUC ${show(scores.rocAuc)} against ${show(baseline.rocAuc)} of the ${baseline.name} (at least ${gate.aucMargin} higher)`,
    },
    {
      passed: loss >= gate.logLossMargin,
      detail: `log loss ${show(scores.logLoss)} against ${show(baseline.logLoss)} of the ${baseline.name} (at least ${gate.logLossMargin} lower)`,
    },
  ]
}

/** Better than the champion with significance, or surely not worse by the margin if there is one. */
export function checkChampion(scores: Scores, against: ChampionComparison, gate: Gate): Check {
  const { comparison } = against
  const margin = gate.nonInferiorityMargin
  const numbers = `log loss ${show(scores.logLoss)} against ${show(against.logLoss)} of the champion ${against.champion}`
  if (margin === undefined) {
    return {
      passed: comparison.pValue < gate.alpha,
      detail: `${numbers}, p = ${show(comparison.pValue)} (better with p < ${gate.alpha})`,
    }
  }
  // The upper end of the 1 - 2 alpha interval is the one-sided bound at alpha.
  const bound = comparison.interval[1]
  return {
    passed: bound < margin,
    detail: `${numbers}, difference at most ${show(bound)} (less than ${margin} at ${gate.alpha})`,
  }
}

/** One line on what decided: the checks that failed, or all of them. */
export function summarise(checks: readonly Check[]): { passed: boolean; reason: string } {
  const failed = checks.filter((check) => !check.passed)
  return failed.length > 0
    ? { passed: false, reason: `failed: ${failed.map(({ detail }) => detail).join('; ')}` }
    : { passed: true, reason: `passed: ${checks.map(({ detail }) => detail).join('; ')}` }
}

function show(value: number): string {
  return String(Number(value.toPrecision(4)))
}
