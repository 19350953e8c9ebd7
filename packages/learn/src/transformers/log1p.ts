import { apply, cast, where } from '../onnx/steps.ts'
import { makeSpec, resolveOptions } from '../options.ts'
import type { FittedTransformer, TransformerKind, TransformerSpec } from '../transformer.ts'
import { checkColumns } from './check-columns.ts'
import { joinColumns, mapNumbers, nameColumns, numbersOf, requireKinds } from './columns.ts'

export interface Log1pSpec extends TransformerSpec {
  readonly kind: 'log1p'
}
export interface Log1p extends FittedTransformer {
  readonly kind: 'log1p'
  readonly columns: readonly string[]
}

/**
 * The natural logarithm of 1 + x of numeric columns, computed in float64 so that small x keep their digits. Missing
 * stays missing, and so becomes what is not above −1, which the fit refuses with a RangeError.
 */
export const log1p = (): Log1pSpec => makeSpec('log1p', {}, {})

// log(u) × x / (u − 1) with u = 1 + x makes up for what u lost in rounding (Goldberg 1991, theorem 4).
const logOfOneMore = (x: number): number => {
  if (x <= -1) return Number.NaN
  const u = 1 + x
  if (u === Infinity) return Infinity
  const lost = u - 1
  return lost === 0 ? x : (Math.log(u) * x) / lost
}

export const log1pKind: TransformerKind<Log1p, Log1pSpec> = {
  kind: 'log1p',
  fit(spec, { frame }) {
    resolveOptions('log1p', {}, spec.options)
    const columns = requireKinds('log1p', frame, ['numeric'])
    for (const name of columns) {
      const values = numbersOf(frame, name)
      const row = values.findIndex((value) => value <= -1)
      if (row !== -1)
        throw new RangeError(`log1p: column '${name}' is ${values[row]} in row ${row}; it must be above -1`)
    }
    return { kind: 'log1p', columns }
  },
  transform: ({ columns }, frame) => mapNumbers(frame, columns, () => logOfOneMore),
  check: ({ columns }) => checkColumns(columns),
  toOnnx({ columns }, graph, tensors) {
    const x = cast(graph, joinColumns(graph, tensors, columns), 'double')
    const constant = (value: number): string => graph.doubles([value], [1])
    const u = apply(graph, 'Add', [x, constant(1)])
    const lost = apply(graph, 'Sub', [u, constant(1)])
    const quotient = apply(graph, 'Div', [apply(graph, 'Mul', [apply(graph, 'Log', [u]), x]), lost])
    const none = apply(graph, 'Equal', [lost, constant(0)], 'bool')
    const finite = where(graph, none, [x, quotient], x)
    const infinite = apply(graph, 'Equal', [u, constant(Infinity)], 'bool')
    const value = where(graph, infinite, [constant(Infinity), finite], x)
    const outside = apply(graph, 'LessOrEqual', [x, constant(-1)], 'bool')
    const result = where(graph, outside, [constant(Number.NaN), value], x)
    return nameColumns(graph, cast(graph, result, 'float'), columns)
  },
}
