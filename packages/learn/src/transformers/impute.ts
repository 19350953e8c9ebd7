import type { Column, ColumnKind, Frame } from '../frame.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { cast, isMissing, where } from '../onnx/steps.ts'
import {
  choiceOption,
  flagOption,
  makeSpec,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../options.ts'
import { encodeText } from '../text.ts'
import type { FittedTransformer, OnnxColumns, TransformerKind, TransformerSpec } from '../transformer.ts'
import { checkTexts } from './check-columns.ts'
import {
  categoriesOf,
  frameOf,
  joinColumns,
  nameColumns,
  numbersOf,
  numeric,
  tensorOf,
  timesOf,
  truthsOf,
} from './columns.ts'
import { type FillValue, findFill, type ImputeStrategy } from './impute-fill.ts'

export interface ImputeOptions {
  /**
   * What missing values become: the mean or median (numbers and times), the most frequent value (of any kind; the
   * least one at ties), or a constant. Default 'mean'.
   */
  readonly strategy?: ImputeStrategy
  /** The constant: a number (milliseconds for times), a text, or a truth value. Default 0, 'missing_value', false. */
  readonly fillValue?: FillValue | null
  /** Adds a column `missingindicator_x` of 0 and 1 for each column x that had something missing. Default false. */
  readonly addIndicator?: boolean
  /** Fills columns without any value with the default constant; otherwise they are an error. Default false. */
  readonly keepEmptyFeatures?: boolean
}
export interface ImputeSpec extends TransformerSpec {
  readonly kind: 'impute'
}
export interface ImputedColumn {
  readonly name: string
  readonly kind: ColumnKind
  readonly fill: FillValue
  readonly indicator: boolean
}
export interface Impute extends FittedTransformer {
  readonly kind: 'impute'
  readonly columns: readonly ImputedColumn[]
}

const fillOption: OptionRule<FillValue | null> = (name, value = null) => {
  const proper =
    typeof value === 'number' ? Number.isFinite(value) : ['string', 'boolean'].includes(typeof value)
  if (value !== null && !proper)
    throw new RangeError(
      `${name} must be a finite number, a text, true or false, not ${JSON.stringify(value)}`,
    )
  return value as FillValue | null
}

const rules: OptionRules<Required<ImputeOptions>> = {
  strategy: choiceOption('mean', ['mean', 'median', 'mostFrequent', 'constant']),
  fillValue: fillOption,
  addIndicator: flagOption(false),
  keepEmptyFeatures: flagOption(false),
}

const resolve = (options: object): Required<ImputeOptions> => {
  const resolved = resolveOptions('impute', rules, options)
  if (resolved.fillValue !== null && resolved.strategy !== 'constant')
    throw new RangeError(`impute's fillValue is for strategy 'constant', not '${resolved.strategy}'`)
  return resolved
}

/**
 * Fills what is missing, in columns of any kind, as scikit-learn's SimpleImputer. Throws a RangeError for wrong options
 * and, in the fit, for a column without values; a TypeError for a strategy that does not suit the column.
 */
export const impute = (options: ImputeOptions = {}): ImputeSpec => {
  resolve(options)
  return makeSpec('impute', rules, options)
}

const missingRows = (column: Column): Float32Array => {
  if (column.kind === 'categorical') return Float32Array.from(column.codes, (code) => (code === -1 ? 1 : 0))
  if (column.kind === 'boolean') return Float32Array.from(column.values, (value) => (value === -1 ? 1 : 0))
  return Float32Array.from(column.values, (value) => (Number.isNaN(value) ? 1 : 0))
}

const indicatorName = (name: string): string => `missingindicator_${name}`

const readColumn = ({ name, kind }: ImputedColumn, frame: Frame): Column => {
  if (kind === 'categorical') return categoriesOf(frame, name)
  if (kind === 'boolean') return { kind, values: truthsOf(frame, name) }
  return kind === 'timestamp'
    ? { kind, values: timesOf(frame, name) }
    : { kind, values: numbersOf(frame, name) }
}

const fillColumn = (column: Column, fill: FillValue): Column => {
  if (column.kind === 'categorical') {
    const text = String(fill)
    const known = column.categories.indexOf(text)
    const code = known === -1 ? column.categories.length : known
    return {
      kind: 'categorical',
      codes: column.codes.map((own) => (own === -1 ? code : own)),
      categories: known === -1 ? [...column.categories, text] : column.categories,
    }
  }
  const value = Number(fill)
  if (column.kind === 'boolean')
    return { kind: 'boolean', values: column.values.map((own) => (own === -1 ? value : own)) }
  if (column.kind === 'timestamp')
    return { kind: 'timestamp', values: column.values.map((own) => (Number.isNaN(own) ? value : own)) }
  return numeric(column.values.map((own) => (Number.isNaN(own) ? value : own)))
}

const fillNumbers = (
  graph: OnnxGraph,
  tensors: OnnxColumns,
  columns: readonly ImputedColumn[],
): OnnxColumns => {
  if (columns.length === 0) return new Map()
  const names = columns.map(({ name }) => name)
  const filled = graph.one(
    'Imputer',
    {
      domain: 'ai.onnx.ml',
      inputs: [joinColumns(graph, tensors, names)],
      attributes: {
        imputed_value_floats: { floats: columns.map(({ fill }) => Number(fill)) },
        replaced_value_float: { float: Number.NaN },
      },
    },
    { element: 'float', columns: columns.length },
  )
  return nameColumns(graph, filled, names)
}

const isMissingValue = (graph: OnnxGraph, tensor: OnnxTensor): OnnxTensor => {
  if (tensor.element !== 'string') return isMissing(graph, tensor)
  const flag = graph.one(
    'LabelEncoder',
    {
      domain: 'ai.onnx.ml',
      inputs: [tensor],
      attributes: {
        keys_strings: { texts: [encodeText('')] },
        values_int64s: { integers: [1] },
        default_int64: { integer: 0 },
      },
    },
    { element: 'int64', columns: 1 },
  )
  return cast(graph, flag, 'bool')
}

const fillTensor = (graph: OnnxGraph, tensor: OnnxTensor, fill: FillValue): OnnxTensor => {
  const value =
    tensor.element === 'string' ? graph.texts([String(fill)], [1]) : graph.doubles([Number(fill)], [1])
  return where(graph, isMissingValue(graph, tensor), [value, tensor], tensor)
}

export const imputeKind: TransformerKind<Impute, ImputeSpec> = {
  kind: 'impute',
  fit(spec, data) {
    const options = resolve(spec.options)
    const columns = Object.entries(data.frame.columns).map(([name, column]) => ({
      name,
      kind: column.kind,
      fill: findFill([name, column], options, data),
      indicator: options.addIndicator && missingRows(column).includes(1),
    }))
    return { kind: 'impute', columns }
  },
  transform({ columns }, frame) {
    const read = columns.map((column) => ({ ...column, values: readColumn(column, frame) }))
    const filled = read.map(({ name, values, fill }) => [name, fillColumn(values, fill)] as const)
    const indicators = read
      .filter(({ indicator }) => indicator)
      .map(({ name, values }) => [indicatorName(name), numeric(missingRows(values))] as const)
    return frameOf(frame.rows, [...filled, ...indicators])
  },
  origins: ({ columns }) =>
    new Map([
      ...columns.map(({ name }) => [name, [name]] as const),
      ...columns
        .filter(({ indicator }) => indicator)
        .map(({ name }) => [indicatorName(name), [name]] as const),
    ]),
  check({ columns }) {
    for (const { name, kind, fill } of columns) {
      checkTexts('columns', [name])
      const type = { numeric: 'number', timestamp: 'number', categorical: 'string', boolean: 'boolean' }[kind]
      if (typeof fill !== type || fill === '' || Number.isNaN(fill))
        throw new RangeError(
          `an impute fills column '${name}', which is ${kind}, with ${JSON.stringify(fill)}`,
        )
    }
  },
  toOnnx({ columns }, graph, tensors) {
    const isFloat = ({ kind }: ImputedColumn): boolean => kind === 'numeric' || kind === 'boolean'
    const numbers = fillNumbers(graph, tensors, columns.filter(isFloat))
    const filled = columns.map(({ name, fill }) => {
      const tensor = numbers.get(name) ?? fillTensor(graph, tensorOf(tensors, name), fill)
      return [name, tensor] as const
    })
    const indicators = columns
      .filter(({ indicator }) => indicator)
      .map(({ name }) => {
        const flag = isMissingValue(graph, tensorOf(tensors, name))
        return [indicatorName(name), cast(graph, flag, 'float')] as const
      })
    return new Map([...filled, ...indicators])
  },
}
