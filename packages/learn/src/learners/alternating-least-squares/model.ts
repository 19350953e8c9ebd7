import type { Frame } from '../../frame.ts'
import type { Model, ModelInput, Regression } from '../../model.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import { encodeText } from '../../text.ts'
import { checkLength, checkTask } from '../check-model.ts'
import { combine } from '../onnx.ts'

export interface AlternatingLeastSquaresModel extends Model {
  readonly kind: 'alternatingLeastSquares'
  readonly output: { readonly task: 'regression' }
  /** The names of the two inputs. */
  readonly user: string
  readonly item: string
  readonly factors: number
  /** [users, factors]; 0 for users without interactions. */
  readonly userFactors: Float32Array
  /** [items, factors]; 0 for items without interactions. */
  readonly itemFactors: Float32Array
}

type CategoricalInput = ModelInput & { readonly kind: 'categorical' }

/** The input of this name; throws a RangeError unless it is there, and categorical. */
export const categoriesOf = ({ inputs }: Model, name: string): readonly string[] => {
  const found = inputs.find(
    (input): input is CategoricalInput => input.name === name && input.kind === 'categorical',
  )
  if (!found) throw new RangeError(`the model's inputs must have a categorical '${name}'`)
  return found.categories
}

/** The scalar product of two rows of factors. */
export const multiplyFactors = (
  a: Float32Array,
  aRow: number,
  b: Float32Array,
  bRow: number,
  factors: number,
): number => {
  let sum = 0
  for (let factor = 0; factor < factors; factor += 1)
    sum += a[aRow * factors + factor] * b[bRow * factors + factor]
  return sum
}

/** The score of each pair of user and item; 0 where one of them is missing or unknown. */
export const predictScores = (model: AlternatingLeastSquaresModel, frame: Frame): Regression => {
  const users = frame.columns[model.user]
  const items = frame.columns[model.item]
  if (users?.kind !== 'categorical' || items?.kind !== 'categorical')
    throw new TypeError(`columns '${model.user}' and '${model.item}' must be categorical`)
  const values = new Float64Array(frame.rows)
  for (let row = 0; row < frame.rows; row += 1) {
    const user = users.codes[row]
    const item = items.codes[row]
    if (user !== -1 && item !== -1)
      values[row] = multiplyFactors(model.userFactors, user, model.itemFactors, item, model.factors)
  }
  return { task: 'regression', values }
}

export const checkFactors = (model: AlternatingLeastSquaresModel): void => {
  const { inputs, output, user, item, factors, userFactors, itemFactors } = model
  checkTask('regression', output)
  if (inputs.length !== 2 || user === item) throw new RangeError("the model's inputs must be users and items")
  if (!(Number.isInteger(factors) && factors > 0))
    throw new RangeError(`the model's factors must be an integer > 0, not ${factors}`)
  checkLength('userFactors', userFactors, Float32Array, categoriesOf(model, user).length * factors)
  checkLength('itemFactors', itemFactors, Float32Array, categoriesOf(model, item).length * factors)
  if (!userFactors.every(Number.isFinite) || !itemFactors.every(Number.isFinite))
    throw new RangeError("the model's factors must be finite numbers")
}

/** The factors of each row's category; a row of zeros for those that are missing or unknown. */
const gatherFactors = (
  graph: OnnxGraph,
  input: OnnxTensor,
  categories: readonly string[],
  table: Float32Array,
  factors: number,
): OnnxTensor => {
  // Missing is '', which no category is; unknown ones get the default.
  const codes = graph.one(
    'LabelEncoder',
    {
      domain: 'ai.onnx.ml',
      inputs: [input],
      attributes: {
        keys_strings: { texts: ['', ...categories].map(encodeText) },
        values_int64s: { integers: [categories.length, ...categories.keys()] },
        default_int64: { integer: categories.length },
      },
    },
    { element: 'int64', columns: 1 },
  )
  const rows = graph.one(
    'Reshape',
    { inputs: [codes, graph.integers([-1], [1])] },
    { element: 'int64', columns: 0 },
  )
  const padded = new Float32Array(table.length + factors)
  padded.set(table)
  const gathered = graph.one(
    'Gather',
    {
      inputs: [graph.floats(padded, [categories.length + 1, factors]), rows],
      attributes: { axis: { integer: 0 } },
    },
    { element: 'float', columns: factors },
  )
  return cast(graph, gathered, 'double')
}

export const scoresToOnnx = (
  model: AlternatingLeastSquaresModel,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const { factors } = model
  const gatherOf = (name: string, table: Float32Array): OnnxTensor => {
    const input = inputs[model.inputs.findIndex((one) => one.name === name)]
    return gatherFactors(graph, input, categoriesOf(model, name), table, factors)
  }
  const users = gatherOf(model.user, model.userFactors)
  const items = gatherOf(model.item, model.itemFactors)
  const sum = graph.one(
    'ReduceSum',
    {
      inputs: [combine(graph, 'Mul', [users, items], factors), graph.integers([1], [1])],
      attributes: { keepdims: { integer: 1 } },
    },
    { element: 'double', columns: 1 },
  )
  return [cast(graph, sum, 'float')]
}
