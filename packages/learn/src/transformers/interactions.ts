import { checkLength } from '../learners/check-model.ts'
import { flagOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { FittedTransformer, TransformerKind, TransformerSpec } from '../transformer.ts'
import { checkColumns } from './check-columns.ts'
import { checkSize, frameOf, joinColumns, nameColumns, numbersOf, numeric, requireKinds } from './columns.ts'

export interface InteractionsOptions {
  /** Also each column times itself. Default false (scikit-learn's PolynomialFeatures: `interaction_only=False`). */
  readonly squares?: boolean
  /** Also the columns themselves. Default true. */
  readonly includeOriginals?: boolean
}
export interface InteractionsSpec extends TransformerSpec {
  readonly kind: 'interactions'
}
export interface Interactions extends FittedTransformer {
  readonly kind: 'interactions'
  readonly columns: readonly string[]
  readonly includeOriginals: boolean
  /** Product i is of column `left[i]` and column `right[i]`. */
  readonly left: Int32Array
  readonly right: Int32Array
}

const rules: OptionRules<Required<InteractionsOptions>> = {
  squares: flagOption(false),
  includeOriginals: flagOption(true),
}

// So many columns already make 2^19 products.
const mostColumns = 1024

/**
 * The products of each two numeric columns, called `a b` (`a^2` for a square), in scikit-learn's order. A product with
 * something missing is missing. Throws a RangeError for wrong options and, in the fit, for more than 1024 columns.
 */
export const interactions = (options: InteractionsOptions = {}): InteractionsSpec =>
  makeSpec('interactions', rules, options)

const productNames = ({ columns, left, right }: Interactions): string[] =>
  Array.from(left, (first, index) =>
    first === right[index] ? `${columns[first]}^2` : `${columns[first]} ${columns[right[index]]}`,
  )

export const interactionsKind: TransformerKind<Interactions, InteractionsSpec> = {
  kind: 'interactions',
  fit(spec, { frame }) {
    const { squares, includeOriginals } = resolveOptions('interactions', rules, spec.options)
    const columns = requireKinds('interactions', frame, ['numeric'])
    if (columns.length > mostColumns)
      throw new RangeError(`interactions takes up to ${mostColumns} columns, not ${columns.length}`)
    if (!includeOriginals && !squares && columns.length < 2)
      throw new RangeError(`interactions: column '${columns[0]}' is alone and has no product`)
    const pairs = columns.flatMap((_, first) =>
      columns.flatMap((__, second) =>
        second > first || (squares && second === first) ? [[first, second]] : [],
      ),
    )
    return {
      kind: 'interactions',
      columns,
      includeOriginals,
      left: Int32Array.from(pairs, ([first]) => first),
      right: Int32Array.from(pairs, ([, second]) => second),
    }
  },
  transform(fitted, frame) {
    const { columns, includeOriginals, left, right } = fitted
    checkSize('interactions', left.length, frame.rows, 'select fewer columns')
    const values = columns.map((name) => numbersOf(frame, name))
    const products = productNames(fitted).map((name, index) => {
      const [a, b] = [values[left[index]], values[right[index]]]
      return [name, numeric(a.map((value, row) => value * b[row]))] as const
    })
    const originals = columns.map((name, index) => [name, numeric(values[index])] as const)
    return frameOf(frame.rows, includeOriginals ? [...originals, ...products] : products)
  },
  origins(fitted) {
    const { columns, includeOriginals, left, right } = fitted
    const products = productNames(fitted).map(
      (name, index) => [name, [columns[left[index]], columns[right[index]]]] as const,
    )
    const originals = columns.map((name) => [name, [name]] as const)
    return new Map<string, readonly string[]>(includeOriginals ? [...originals, ...products] : products)
  },
  check({ columns, left, right }) {
    checkColumns(columns)
    checkLength('left', left, Int32Array, left.length)
    checkLength('right', right, Int32Array, left.length)
    if (![...left, ...right].every((index) => index >= 0 && index < columns.length))
      throw new RangeError('a product of interactions is of columns that there are not')
  },
  toOnnx(fitted, graph, tensors) {
    const { columns, includeOriginals, left, right } = fitted
    const all = joinColumns(graph, tensors, columns)
    const originals = includeOriginals ? [...nameColumns(graph, all, columns)] : []
    if (left.length === 0) return new Map(originals)
    const choose = (places: Int32Array) =>
      graph.one(
        'Gather',
        { inputs: [all, graph.integers(places, [places.length])], attributes: { axis: { integer: 1 } } },
        { element: 'float', columns: places.length },
      )
    const product = graph.one(
      'Mul',
      { inputs: [choose(left), choose(right)] },
      { element: 'float', columns: left.length },
    )
    return new Map([...originals, ...nameColumns(graph, product, productNames(fitted))])
  },
}
