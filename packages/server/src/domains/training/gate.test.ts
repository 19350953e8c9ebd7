import { describe, expect, it } from 'vitest'
import { checkBaseline, checkChampion, compareWithChampion, type Gate, summarise } from './gate.ts'
import { createGroups } from './group-codes.ts'
import { scoresOf } from './scores.ts'

const gate: Gate = {
  aucMargin: 0.05,
  logLossMargin: 0.01,
  baselineGroup: { hour: 'hour', key: 'key' },
  alpha: 0.05,
}

describe('checkBaseline', () => {
  const baseline = { name: 'majority rate', rocAuc: 0.5, logLoss: 0.5 }

  it.each([
    [0.55, 0.49, [true, true]],
    [0.5499, 0.49, [false, true]],
    [0.9, 0.4901, [true, false]],
    [0.4, 0.7, [false, false]],
  ])('judges ROC AUC %d and log loss %d', (rocAuc, logLoss, expected) => {
    // 0.5 + 0.05 and 0.5 - 0.01 are exact enough only from this side.
    const scores = { rocAuc: rocAuc + 1e-12, logLoss: logLoss - 1e-12 }
    expect(checkBaseline(scores, baseline, gate).map(({ passed }) => passed)).toEqual(expected)
  })

  it('says what failed, else all that was checked', () => {
    const checks = checkBaseline({ rocAuc: 0.7, logLoss: 0.6 }, baseline, gate)
    expect(summarise(checks)).toEqual({
      passed: false,
      reason: 'failed: log loss 0.6 against 0.5 of the majority rate (at least 0.01 lower)',
    })
    expect(summarise([checks[0]]).reason).toMatch(/^passed: ROC AUC 0.7 against 0.5/)
  })
})

describe('checkChampion', () => {
  const labels = Float64Array.from({ length: 400 }, (_, i) => i % 2)
  const scored = (good: number) =>
    labels.map((label, i) => (label === 1 ? good : 1 - good) + ((i * 7) % 11) / 200)
  const judge = (challenger: Float64Array, champion: Float64Array, over: Partial<Gate> = {}) => {
    const chosen = { ...gate, ...over }
    const against = {
      champion: 'm/1',
      ...scoresOf(labels, champion),
      comparison: compareWithChampion({ labels, champion, challenger }, chosen),
    }
    return checkChampion(scoresOf(labels, challenger), against, chosen).passed
  }

  it('wants better, not equal or worse', () => {
    expect(judge(scored(0.8), scored(0.7))).toBe(true)
    expect(judge(scored(0.7), scored(0.7))).toBe(false)
    expect(judge(scored(0.7), scored(0.8))).toBe(false)
  })

  it('is content with surely not worse if a margin says so', () => {
    const margin = { nonInferiorityMargin: 0.01 }
    expect(judge(scored(0.7), scored(0.7), margin)).toBe(true)
    expect(judge(scored(0.7), scored(0.8), margin)).toBe(false)
  })
})

describe('createGroups', () => {
  it('gives a pair the same code whatever dictionary it comes with, and none to what is missing', () => {
    const groups = createGroups()
    const hours = (...values: number[]) => ({
      name: 'h',
      kind: 'number' as const,
      values: Float64Array.from(values),
    })
    const keys = (dictionary: string[], ...codes: number[]) => ({
      name: 'k',
      kind: 'string' as const,
      codes: Int32Array.from(codes),
      dictionary,
    })
    const first = groups.codes([hours(1, 1, 2, Number.NaN, 2), keys(['a', 'b'], 0, 1, 0, 0, -1)])
    expect([...first]).toEqual([0, 1, 2, -1, -1])
    expect(groups.size).toBe(3)
    const second = groups.codes([hours(1, 2, 2), keys(['b', 'a'], 0, 1, 0)])
    expect([...second]).toEqual([1, 2, 3])
  })
})
