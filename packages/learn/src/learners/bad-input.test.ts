import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import { booleanColumn, type Column, categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import type { FitData } from '../learner.ts'
import type { Prediction } from '../model.ts'
import { takeRows } from '../take-rows.ts'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { learnerCases, numbersOf, titleOf } from '../testing/learner-cases.ts'

/** What is made of the input: 'refused', with a word on why, or 'finite'. Anything else fails. */
const outcomeOf = (run: () => Prediction): 'refused' | 'finite' => {
  let prediction: Prediction
  try {
    prediction = run()
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    // Errors of the engine ("Cannot read properties of undefined", "Invalid array length") say nothing to the caller.
    expect(error.message).not.toMatch(/undefined \(|is not a function|is not iterable|Invalid|offset is out/)
    expect(error.message.length).toBeGreaterThan(15)
    return 'refused'
  }
  expect(Array.from(numbersOf(prediction)).filter((value) => !Number.isFinite(value))).toEqual([])
  if (prediction.task === 'classification') {
    const { classes, probabilities } = prediction
    for (let at = 0; at < probabilities.length; at += classes.length)
      expect(probabilities.slice(at, at + classes.length).reduce((sum, one) => sum + one, 0)).toBeCloseTo(
        1,
        6,
      )
  }
  return 'finite'
}

const refill = (column: Column): Column =>
  column.kind === 'categorical'
    ? categoricalColumn(Array.from(column.codes, () => null))
    : column.kind === 'boolean'
      ? booleanColumn(Array.from(column.values, () => null))
      : numericColumn(Array.from(column.values, () => null))

const mapColumns = (data: FitData, change: (column: Column, index: number) => Column): FitData => ({
  ...data,
  frame: createFrame(
    Object.fromEntries(
      Object.entries(data.frame.columns).map(([name, column], index) => [name, change(column, index)]),
    ),
  ),
})

const constantTarget = ({ frame, target }: FitData): Target | undefined =>
  target &&
  (target.kind === 'classes'
    ? classTarget(Array.from({ length: frame.rows }, () => 'only'))
    : numberTarget(Array.from({ length: frame.rows }, () => 3)))

const handlesMissing = /^(dummy|gradientBoosting|randomForest|extraTrees|isolationForest)/

describe.each(learnerCases.map((one) => [titleOf(one), one] as const))('%s', (_, { spec, data }) => {
  const fitAndPredict = (training: FitData, fresh = training.frame): Prediction =>
    predict(fit(spec, training), fresh)
  const outcome = (training: FitData, fresh = training.frame): string =>
    outcomeOf(() => fitAndPredict(training, fresh))

  it('a column without a value is missing throughout, or refused by name', () => {
    const empty = mapColumns(data, (column, index) => (index === 0 ? refill(column) : column))
    if (handlesMissing.test(spec.kind)) expect(outcome(empty)).toBe('finite')
    else {
      expect(outcome(empty)).toBe('refused')
      const [first] = Object.keys(data.frame.columns)
      if (spec.kind !== 'alternatingLeastSquares') expect(() => fitAndPredict(empty)).toThrow(`'${first}'`)
    }
  })

  it('a missing or infinite number in a row to predict gives a number, or is refused', () => {
    const model = fit(spec, data)
    for (const value of [null, Infinity, -Infinity, 3e38]) {
      const odd = mapColumns(data, (column, index) =>
        index === 0 && column.kind === 'numeric'
          ? numericColumn(Array.from(column.values, (own, row) => (row === 0 ? value : own)))
          : column,
      )
      outcomeOf(() => predict(model, odd.frame))
    }
  })

  it('a category that the training did not have gives a number', () => {
    if (Object.values(data.frame.columns).every(({ kind }) => kind !== 'categorical')) return
    const model = fit(spec, data)
    const { frame } = mapColumns(data, (column) =>
      column.kind === 'categorical' ? categoricalColumn(Array.from(column.codes, () => 'new')) : column,
    )
    expect(outcomeOf(() => predict(model, frame))).toBe('finite')
  })

  it('columns that are constant, or the same twice, do no harm', () => {
    const [first, ...others] = Object.entries(data.frame.columns)
    const flat = mapColumns(data, (column) =>
      column.kind === 'numeric' ? numericColumn(Array.from(column.values, () => 7)) : column,
    )
    // Three centres need three rows that differ.
    expect(outcome(flat)).toBe(spec.kind === 'kMeans' ? 'refused' : 'finite')
    if (first[1].kind === 'categorical') return
    const twice = createFrame(Object.fromEntries([first, ['twin', first[1]], ...others]))
    expect(outcome({ ...data, frame: twice })).toBe('finite')
  })

  it('a constant target, or one class alone, is predicted, or refused', () => {
    if (!data.target) return
    outcome({ ...data, target: constantTarget(data) })
  })

  it('more classes than any has rows, and a single row, are learnt from, or refused', () => {
    if (data.target?.kind === 'classes')
      outcome({
        ...data,
        target: classTarget(Array.from({ length: data.frame.rows }, (__, row) => `c${row}`)),
      })
    outcome(takeRows(data, [5]))
    outcome(takeRows(data, [5]), data.frame)
  })

  it('a target of the other kind, or none, is refused', () => {
    if (!data.target) return
    const { rows } = data.frame
    const other =
      data.target.kind === 'classes'
        ? numberTarget(new Float64Array(rows))
        : classTarget(new Array<string>(rows).fill('a'))
    expect(outcome({ ...data, target: other })).toBe('refused')
    if (spec.kind !== 'alternatingLeastSquares') expect(outcome({ frame: data.frame })).toBe('refused')
  })

  it('weights that are none are refused', () => {
    const { rows } = data.frame
    for (const bad of [-1, Number.NaN, Infinity]) {
      const weights = new Float64Array(rows).fill(1)
      weights[1] = bad
      expect(() => fit(spec, { ...data, weights })).toThrow(`row 1 has ${bad}`)
    }
    expect(() => fit(spec, { ...data, weights: new Float64Array(rows) })).toThrow('all weights are 0')
    expect(() => fit(spec, { ...data, weights: new Float64Array(rows - 1) })).toThrow('must be equal')
  })
})
