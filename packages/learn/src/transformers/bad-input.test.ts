import { describe, expect, it } from 'vitest'
import {
  booleanColumn,
  type Column,
  categoricalColumn,
  createFrame,
  type Frame,
  numericColumn,
  timestampColumn,
} from '../frame.ts'
import { classTarget, numberTarget } from '../target.ts'
import { transformerCases } from '../testing/transformer-cases.ts'
import { listColumns } from '../testing/transformers.ts'
import { fitTransform, transform } from '../transform-with.ts'
import { transformerKinds } from '../transformers.ts'

const count = 12
const rows = Array.from({ length: count }, (_, row) => row)
const frame = createFrame({
  x: numericColumn(rows.map((row) => (row * 5) % 11)),
  y: numericColumn(rows.map((row) => row / 4)),
  city: categoricalColumn(rows.map((row) => `c${row % 3}`)),
  at: timestampColumn(rows.map((row) => row * 1e9)),
  flag: booleanColumn(rows.map((row) => row % 2 === 0)),
})
const target = numberTarget(rows.map((row) => row % 5))

/** Without a value; constant; with what the training did not have. */
const makers = {
  empty: ({ kind }: Column): Column =>
    kind === 'categorical'
      ? categoricalColumn(rows.map(() => null))
      : kind === 'boolean'
        ? booleanColumn(rows.map(() => null))
        : kind === 'timestamp'
          ? timestampColumn(rows.map(() => null))
          : numericColumn(rows.map(() => null)),
  constant: ({ kind }: Column): Column =>
    kind === 'categorical'
      ? categoricalColumn(rows.map(() => 'same'))
      : kind === 'boolean'
        ? booleanColumn(rows.map(() => true))
        : kind === 'timestamp'
          ? timestampColumn(rows.map(() => 1e12))
          : numericColumn(rows.map(() => 4)),
  strange: ({ kind }: Column): Column =>
    kind === 'categorical'
      ? categoricalColumn(rows.map((row) => (row === 0 ? null : `new ${row}`)))
      : kind === 'numeric'
        ? numericColumn(rows.map((row) => [Infinity, -Infinity, null, 3e38, -3e38, 0][row % 6]))
        : kind === 'timestamp'
          ? timestampColumn(rows.map((row) => [8.6e15, -8.6e15, null][row % 3]))
          : booleanColumn(rows.map(() => null)),
}

const mapColumns = (given: Frame, make: (column: Column) => Column): Frame =>
  createFrame(Object.fromEntries(Object.entries(given.columns).map(([name, column]) => [name, make(column)])))

/** The transformed frame, or undefined where it was refused with a word on why; other errors go through. */
const attempt = (run: () => Frame): Frame | undefined => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    expect(error.message).not.toMatch(/undefined \(|is not a function|is not iterable|Invalid|offset is out/)
    expect(error.message).toMatch(/column|needs|target|folds/)
    return undefined
  }
}

/** Every row has a value in every column, of a kind that learners know. */
const expectSound = (result: Frame): void => {
  expect(result.rows).toBe(count)
  for (const values of Object.values(listColumns(result))) expect(values).toHaveLength(count)
}

it('every transformer is among the cases', () => {
  const covered = new Set(transformerCases.map(({ spec }) => spec.kind))
  expect([...transformerKinds.keys()].filter((kind) => !covered.has(kind))).toEqual([])
})

describe.each(
  transformerCases.map((one) => [`${one.spec.kind} ${JSON.stringify(one.spec.options)}`, one] as const),
)('%s', (_, { spec, kinds }) => {
  const own: Frame = {
    rows: count,
    columns: Object.fromEntries(Object.entries(frame.columns).filter(([, { kind }]) => kinds.includes(kind))),
  }
  const { fitted } = fitTransform(spec, { frame: own, target })

  it('refuses columns of kinds that it does not take, or takes all', () => {
    for (const [name, column] of Object.entries(frame.columns)) {
      if (kinds.includes(column.kind)) continue
      const fit = () => fitTransform(spec, { frame: createFrame({ [name]: column }), target })
      // impute takes any kind, by another strategy.
      if (spec.kind === 'impute') attempt(() => fit().frame)
      else expect(fit).toThrow(`'${name}'`)
    }
  })

  it('takes columns without a value, or refuses them by name', () => {
    const result = attempt(() => fitTransform(spec, { frame: mapColumns(own, makers.empty), target }).frame)
    if (result) expectSound(result)
  })

  it('takes constant columns, and makes no infinite number of them', () => {
    const { frame: result } = fitTransform(spec, { frame: mapColumns(own, makers.constant), target })
    expectSound(result)
    for (const values of Object.values(listColumns(result)))
      expect(values.filter((value) => Math.abs(Number(value)) === Infinity)).toEqual([])
  })

  it('takes what the training did not have, or refuses it by name', () => {
    const result = attempt(() => transform(fitted, mapColumns(own, makers.strange)))
    if (result) expectSound(result)
  })

  it('transforms no rows, and a single one', () => {
    const empty: Frame = {
      rows: 0,
      columns: Object.fromEntries(
        Object.entries(own.columns).map(([name, column]) => [
          name,
          column.kind === 'categorical'
            ? { ...column, codes: new Int32Array(0) }
            : { ...column, values: column.values.slice(0, 0) },
        ]),
      ) as Frame['columns'],
    }
    expect(transform(fitted, empty).rows).toBe(0)
    const one = attempt(() => fitTransform(spec, { frame: sliceOne(own), target: numberTarget([1]) }).frame)
    if (one) expect(one.rows).toBe(1)
  })

  it('refuses to transform frames that lack a column or have another kind of it', () => {
    const [[first]] = Object.entries(own.columns)
    const others = Object.fromEntries(Object.entries(own.columns).slice(1))
    expect(() => transform(fitted, { rows: count, columns: others })).toThrow(`'${first}'`)
    const wrong = own.columns[first].kind === 'boolean' ? frame.columns.x : frame.columns.flag
    expect(() => transform(fitted, { rows: count, columns: { ...others, [first]: wrong } })).toThrow(
      `'${first}'`,
    )
  })

  it('does not see the classes of the target as numbers', () => {
    const classes = classTarget(rows.map((row) => (row % 2 ? 'yes' : 'no')))
    expectSound(fitTransform(spec, { frame: own, target: classes }).frame)
  })
})

const sliceOne = (given: Frame): Frame => ({
  rows: 1,
  columns: Object.fromEntries(
    Object.entries(given.columns).map(([name, column]) => [
      name,
      column.kind === 'categorical'
        ? { ...column, codes: column.codes.slice(0, 1) }
        : { ...column, values: column.values.slice(0, 1) },
    ]),
  ) as Frame['columns'],
})
