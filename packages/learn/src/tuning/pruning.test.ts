import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrunerSpec } from './pruner.ts'
import fixture from './pruners/fixtures/pruners.json' with { type: 'json' }
import { hyperbandPruner } from './pruners/hyperband.ts'
import { patiencePruner } from './pruners/patience.ts'
import { medianPruner, percentilePruner } from './pruners/percentile.ts'
import { successiveHalvingPruner } from './pruners/successive-halving.ts'
import { thresholdPruner } from './pruners/threshold.ts'
import { checkPruner, type PrunedTrial, shouldPrune } from './pruning.ts'
import type { Direction } from './trial.ts'

describe('pruners against Optuna', () => {
  it.each(fixture.cases.map((golden) => [golden.kind, golden.options, golden] as const))(
    'decides alike: %s %j',
    (_, __, { kind, options, direction, trials }) => {
      const known: PrunedTrial[] = []
      const decisions = trials.map(({ reports, decisions: { length } }, number) => {
        const values = reports.map(([step, value]) => ({ step: Number(step), value: value ?? Number.NaN }))
        const made = Array.from({ length }, (___, at) => {
          const own: PrunedTrial = { number, state: 'running', intermediateValues: values.slice(0, at + 1) }
          return shouldPrune({ kind, options }, direction as Direction, [...known, own], number)
        })
        known.push({ number, state: made.at(-1) ? 'pruned' : 'complete', intermediateValues: values })
        return made
      })
      expect(decisions).toEqual(trials.map((trial) => trial.decisions))
      expect(decisions.flat()).toContain(true)
    },
  )
})

const curve = (number: number, level: number, length: number): PrunedTrial => ({
  number,
  state: 'complete',
  intermediateValues: Array.from({ length }, (_, step) => ({
    step: step + 1,
    value: level + 1 / (step + 1),
  })),
})

/** How many steps each trial runs, one after the other, each at its own level. */
const runTrials = (pruner: PrunerSpec, levels: readonly number[], length: number): readonly number[] => {
  const known: PrunedTrial[] = []
  for (const [number, level] of levels.entries()) {
    let steps = 0
    let pruned = false
    while (steps < length && !pruned) {
      steps += 1
      pruned = shouldPrune(
        pruner,
        'minimize',
        [...known, { ...curve(number, level, steps), state: 'running' }],
        number,
      )
    }
    known.push({ ...curve(number, level, steps), state: pruned ? 'pruned' : 'complete' })
  }
  return known.map(({ intermediateValues = [] }) => intermediateValues.length)
}

describe('successiveHalvingPruner', () => {
  it('takes a hundredth of the longest complete trial for the first rung, and prunes nothing before', () => {
    const running = { ...curve(1, 5, 2), state: 'running' } as const
    const better = curve(0, 1, 300)
    expect(shouldPrune(successiveHalvingPruner(), 'minimize', [running], 1)).toBe(false)
    expect(shouldPrune(successiveHalvingPruner(), 'minimize', [better, running], 1)).toBe(false)
    expect(
      shouldPrune(successiveHalvingPruner(), 'minimize', [better, { ...running, ...curve(1, 5, 3) }], 1),
    ).toBe(true)
  })
})

describe('hyperbandPruner', () => {
  it('prunes at different rungs in different brackets, and never the best of a bracket', () => {
    const levels = Array.from({ length: 60 }, (_, number) => ((number * 37) % 60) / 60)
    const lengths = runTrials(hyperbandPruner({ maxResource: 9 }), levels, 9)
    expect([...new Set(lengths)].sort()).toEqual([1, 3, 9])
    expect(lengths[levels.indexOf(0)]).toBe(9)
  })

  it('prunes nothing before it knows how long a trial is', () => {
    expect(runTrials(hyperbandPruner(), [1, 2, 3], 1)).toEqual([1, 1, 1])
    expect(shouldPrune(hyperbandPruner(), 'minimize', [{ ...curve(0, 1, 5), state: 'running' }], 0)).toBe(
      false,
    )
  })
})

it('never prunes the best trial so far at each step, whatever the pruner', () => {
  const pruners = [
    medianPruner(),
    percentilePruner(),
    successiveHalvingPruner({ minResource: 1 }),
    hyperbandPruner({ maxResource: 6 }),
    patiencePruner(),
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...pruners),
      fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 20 }),
      (pruner, levels) => {
        const lengths = runTrials(pruner, levels, 6)
        expect(lengths[levels.indexOf(Math.min(...levels))]).toBe(6)
      },
    ),
    { numRuns: 40 },
  )
})

it('counts the last of several values at a step', () => {
  const reports = [1, 7].map((value) => ({ step: 3, value }))
  const trial: PrunedTrial = { number: 0, state: 'running', intermediateValues: reports }
  expect(shouldPrune(thresholdPruner({ upper: 5 }), 'minimize', [trial], 0)).toBe(true)
  expect(
    shouldPrune(thresholdPruner({ upper: 5 }), 'minimize', [{ ...trial, intermediateValues: [] }], 0),
  ).toBe(false)
})

describe('checkPruner', () => {
  it.each<readonly [PrunerSpec, RegExp]>([
    [{ kind: 'gut', options: {} }, /no pruner 'gut'; there are median, percentile/],
    [
      { kind: 'median', options: { startupTrials: -1 } },
      /the median pruner's startupTrials must be an integer/,
    ],
    [
      { kind: 'percentile', options: { percentile: 101 } },
      /percentile must be a finite number >= 0 and <= 100, not 101/,
    ],
    [
      { kind: 'successiveHalving', options: { minResource: 0 } },
      /minResource must be a finite number ≥ 1 or 'auto', not 0/,
    ],
    [
      { kind: 'hyperband', options: { minResource: 9, maxResource: 3 } },
      /maxResource must be at least its minResource 9, not 3/,
    ],
    [{ kind: 'patience', options: { pruner: { kind: 'gut', options: {} } } }, /no pruner 'gut'/],
    [{ kind: 'patience', options: { pruner: 'median' } }, /pruner must be a pruner, not "median"/],
    [{ kind: 'threshold', options: { upper: 'x' } }, /upper must be a finite number, not 'x'/],
  ])('refuses %j', (pruner, message) => {
    expect(() => checkPruner(pruner)).toThrow(message)
  })

  it('refuses a trial that there is not, and a step that cannot be', () => {
    expect(() => shouldPrune(medianPruner(), 'minimize', [], 3)).toThrow(/no trial 3/)
    const trial: PrunedTrial = { number: 3, state: 'running', intermediateValues: [{ step: -1, value: 0 }] }
    expect(() => shouldPrune(medianPruner(), 'minimize', [trial], 3)).toThrow(/trial 3 reported at step -1/)
  })
})
