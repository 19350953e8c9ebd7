import type { Column } from '../frame.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { apply, cast, isMissing, where } from '../onnx/steps.ts'
import { integerOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { FittedTransformer, TransformerKind, TransformerSpec } from '../transformer.ts'
import { type CalendarPart, calendarParts, dayMilliseconds, findParts, type Integers } from './calendar.ts'
import { checkColumns } from './check-columns.ts'
import { frameOf, joinColumns, numeric, requireKinds, timesOf } from './columns.ts'
import { someOption } from './option-rules.ts'

export type CyclicPart = Exclude<CalendarPart, 'year' | 'isWeekend'>

export interface DatePartsOptions {
  /**
   * Which parts become columns: `year`, `month` (1 … 12), `day` (1 … 31), `dayOfWeek` (0 = Monday), `dayOfYear`
   * (1 … 366), `hour`, `minute`, `isWeekend` (0 or 1). Default year, month, day, dayOfWeek, hour.
   */
  readonly parts?: readonly CalendarPart[]
  /** Which parts become two columns `_sin` and `_cos`, so that the last value is beside the first. Default none. */
  readonly cyclic?: readonly CyclicPart[]
  /** Minutes from UTC to the clock that is meant, east positive. Default 0. */
  readonly utcOffsetMinutes?: number
}
export interface DatePartsSpec extends TransformerSpec {
  readonly kind: 'dateParts'
}
export interface DateParts extends FittedTransformer {
  readonly kind: 'dateParts'
  readonly columns: readonly string[]
  readonly parts: readonly CalendarPart[]
  readonly cyclic: readonly CyclicPart[]
  readonly utcOffsetMinutes: number
}

const names = Object.keys(calendarParts) as CalendarPart[]
const rules: OptionRules<Required<DatePartsOptions>> = {
  parts: someOption<CalendarPart>(['year', 'month', 'day', 'dayOfWeek', 'hour'], names),
  cyclic: someOption<CyclicPart>(
    [],
    names.filter((name): name is CyclicPart => calendarParts[name].period !== null),
  ),
  utcOffsetMinutes: integerOption(0, -1440, 1440),
}

const resolve = (options: object): Required<DatePartsOptions> => {
  const resolved = resolveOptions('dateParts', rules, options)
  if (resolved.parts.length + resolved.cyclic.length === 0)
    throw new RangeError('dateParts needs a part, in parts or cyclic')
  return resolved
}

/**
 * Parts of the date and time of timestamp columns, in UTC or at a fixed offset from it: `at` becomes `at_year`,
 * `at_month`, …. A cyclic part is sin and cos of 2π (part − first) / period (`dayOfYear`: 366 days). Missing is missing
 * in all of them. Throws a RangeError for wrong options.
 */
export const dateParts = (options: DatePartsOptions = {}): DatePartsSpec => {
  resolve(options)
  return makeSpec('dateParts', rules, options)
}

const numbers: Integers<number> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => Math.floor(a / b),
  remainder: (a, b) => a % b,
  atLeast: (a, b) => (a >= b ? 1 : 0),
  equals: (a, b) => (a === b ? 1 : 0),
}

/** The values of sin or cos over one period, rounded once: a graph looks them up in the same table. */
const circle = (part: CyclicPart, wave: (angle: number) => number): Float32Array => {
  const { period } = calendarParts[part]
  return Float32Array.from({ length: period }, (_, index) => wave((2 * Math.PI * index) / period))
}

const waves = { sin: Math.sin, cos: Math.cos } as const

const splitTime = (time: number, utcOffsetMinutes: number): { day: number; milliseconds: number } => {
  const local = Math.floor(time) + utcOffsetMinutes * 60_000
  const rest = local % dayMilliseconds
  // The remainder of a midnight before 1970 is -0.
  const milliseconds = rest < 0 ? rest + dayMilliseconds : Math.abs(rest)
  return { day: (local - milliseconds) / dayMilliseconds, milliseconds }
}

const graphIntegers = (graph: OnnxGraph): Integers<OnnxTensor> => {
  const constant = (value: number): string => graph.integers([value], [1])
  const operand = (value: OnnxTensor | number): OnnxTensor | string =>
    typeof value === 'number' ? constant(value) : value
  return {
    add: (a, b) => apply(graph, 'Add', [a, operand(b)]),
    subtract: (a, b) => apply(graph, 'Sub', [a, b]),
    multiply: (a, b) => apply(graph, 'Mul', [a, constant(b)]),
    divide: (a, b) => apply(graph, 'Div', [a, constant(b)]),
    remainder: (a, b) => apply(graph, 'Mod', [a, constant(b)]),
    atLeast: (a, b) => cast(graph, apply(graph, 'GreaterOrEqual', [a, constant(b)], 'bool'), 'int64'),
    equals: (a, b) => cast(graph, apply(graph, 'Equal', [a, constant(b)], 'bool'), 'int64'),
  }
}

/** Day and milliseconds of the tensor's times, as in {@link splitTime}; missing ones are 1970-01-01. */
const addSplitTime = (graph: OnnxGraph, time: OnnxTensor, utcOffsetMinutes: number) => {
  const constant = (value: number): string => graph.doubles([value], [1])
  const present = where(graph, isMissing(graph, time), [constant(0), time], time)
  const whole = apply(graph, 'Floor', [present])
  const local = apply(graph, 'Add', [whole, constant(utcOffsetMinutes * 60_000)])
  const rest = graph.one(
    'Mod',
    { inputs: [local, constant(dayMilliseconds)], attributes: { fmod: { integer: 1 } } },
    local,
  )
  const isBefore = apply(graph, 'Less', [rest, constant(0)], 'bool')
  const milliseconds = where(
    graph,
    isBefore,
    [apply(graph, 'Add', [rest, constant(dayMilliseconds)]), rest],
    rest,
  )
  const days = apply(graph, 'Div', [apply(graph, 'Sub', [local, milliseconds]), constant(dayMilliseconds)])
  return {
    day: cast(graph, days, 'int64'),
    milliseconds: cast(graph, milliseconds, 'int64'),
  }
}

export const datePartsKind: TransformerKind<DateParts, DatePartsSpec> = {
  kind: 'dateParts',
  fit: (spec, { frame }) => ({
    kind: 'dateParts',
    columns: requireKinds('dateParts', frame, ['timestamp']),
    ...resolve(spec.options),
  }),
  transform({ columns, parts, cyclic, utcOffsetMinutes }, frame) {
    const tables = cyclic.flatMap((part) =>
      (['sin', 'cos'] as const).map((wave) => ({ part, wave, table: circle(part, waves[wave]) })),
    )
    const results = columns.flatMap((name): [string, Column][] => {
      const times = timesOf(frame, name)
      const plain = parts.map((part) => ({ part, values: new Float32Array(times.length) }))
      const waved = tables.map((item) => ({ ...item, values: new Float32Array(times.length) }))
      times.forEach((time, row) => {
        const { day, milliseconds } = splitTime(time, utcOffsetMinutes)
        const found = findParts(numbers, day, milliseconds)
        const missing = Number.isNaN(time)
        for (const { part, values } of plain) values[row] = missing ? Number.NaN : found[part]
        for (const { part, table, values } of waved)
          values[row] = missing ? Number.NaN : table[found[part] - calendarParts[part].first]
      })
      return [
        ...plain.map(({ part, values }): [string, Column] => [`${name}_${part}`, numeric(values)]),
        ...waved.map(({ part, wave, values }): [string, Column] => [
          `${name}_${part}_${wave}`,
          numeric(values),
        ]),
      ]
    })
    return frameOf(frame.rows, results)
  },
  origins: ({ columns, parts, cyclic }) => {
    const titles = [...parts, ...cyclic.flatMap((part) => [`${part}_sin`, `${part}_cos`])]
    return new Map(columns.flatMap((name) => titles.map((title) => [`${name}_${title}`, [name]] as const)))
  },
  check({ kind, columns, ...options }) {
    checkColumns(columns)
    resolveOptions(kind, rules, options)
  },
  toOnnx({ columns, parts, cyclic, utcOffsetMinutes }, graph, tensors) {
    const times = joinColumns(graph, tensors, columns)
    const { day, milliseconds } = addSplitTime(graph, times, utcOffsetMinutes)
    const found = findParts(graphIntegers(graph), day, milliseconds)
    const missing = isMissing(graph, times)
    const finish = (tensor: OnnxTensor): readonly OnnxTensor[] =>
      graph.split(where(graph, missing, [graph.floats([Number.NaN], [1]), tensor], tensor))
    const plain = parts.map((part) => [part, finish(cast(graph, found[part], 'float'))] as const)
    const waved = cyclic.flatMap((part) =>
      (['sin', 'cos'] as const).map((wave) => {
        const { first, period } = calendarParts[part]
        const place = apply(graph, 'Add', [found[part], graph.integers([-first], [1])])
        const table = graph.floats(circle(part, waves[wave]), [period])
        const value = graph.one(
          'Gather',
          { inputs: [table, place] },
          { element: 'float', columns: place.columns },
        )
        return [`${part}_${wave}`, finish(value)] as const
      }),
    )
    return new Map(
      columns.flatMap((name, index) =>
        [...plain, ...waved].map(([title, pieces]) => [`${name}_${title}`, pieces[index]] as const),
      ),
    )
  },
}
