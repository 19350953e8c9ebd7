import type { ForestModel } from '../forest/model.ts'
import type { FittedColumn } from '../preprocessing/preprocessor.ts'
import { encodeText } from '../text.ts'
import { treeEnsembleAttributes } from './forest-node.ts'
import { type OnnxConstant, type OnnxNode, type OnnxValue, writeOnnxModel } from './onnx-messages.ts'

const ml = 'ai.onnx.ml'
const internal = ':'
const outputs: readonly OnnxValue[] = [
  { name: 'label', element: 'int64', shape: ['rows'] },
  { name: 'probabilities', element: 'float', shape: ['rows', 2] },
]

/** Values inside the graph; no column may have such a name. */
const name = {
  joined: ':joined',
  features: ':features',
  mean: ':mean',
  p0: ':p0',
  p1: ':p1',
  zero: ':zero',
  one: ':one',
} as const

const scalar = (value: number): OnnxConstant => ({ element: 'float', shape: [], values: [value] })

const join = (inputs: readonly string[], output: string): OnnxNode => ({
  op: 'Concat',
  domain: '',
  inputs,
  outputs: [output],
  attributes: { axis: { integer: 1 } },
})

const checkNames = (names: readonly string[]): void => {
  for (const column of names)
    if (column === '' || column.startsWith(internal) || outputs.some((output) => output.name === column))
      throw new RangeError(
        `column '${column}' cannot be an input of the ONNX graph: 'label', 'probabilities', '' and names ` +
          `that start with ':' are taken; rename the column`,
      )
}

/** '' stands for a missing category in a string tensor, and an empty table of categories is not allowed. */
const encoderNode = (column: FittedColumn & { kind: 'categorical' }, prior: number): OnnxNode => ({
  op: 'LabelEncoder',
  domain: ml,
  inputs: [column.name],
  outputs: [`${internal}encoded ${column.name}`],
  attributes: {
    keys_strings: { texts: ['', ...column.categories].map(encodeText) },
    values_floats: { floats: [prior, ...column.means] },
    default_float: { float: prior },
  },
})

/**
 * The model as ONNX bytes, preprocessing included. One input for each column, [rows, 1]: float (NaN = missing)
 * or string ('' = missing; unknown texts are allowed). Outputs: `label` int64 [rows] and `probabilities`
 * float [rows, 2]. Agrees with `predictProbability` up to the rounding of float32 sums, about 1e-7.
 * Throws a RangeError for a column whose name the graph needs itself.
 */
export const exportOnnx = (model: ForestModel): Uint8Array => {
  const { columns, prior } = model.preprocessor
  checkNames(columns.map((column) => column.name))
  const encoders = columns.flatMap((column) =>
    column.kind === 'categorical' ? [encoderNode(column, prior)] : [],
  )
  const encoded = columns.map((column) =>
    column.kind === 'categorical' ? `${internal}encoded ${column.name}` : column.name,
  )
  const nodes: OnnxNode[] = [
    ...encoders,
    join(encoded, name.joined),
    {
      op: 'Imputer',
      domain: ml,
      inputs: [name.joined],
      outputs: [name.features],
      attributes: {
        imputed_value_floats: {
          floats: columns.map((column) => (column.kind === 'numeric' ? column.median : prior)),
        },
        replaced_value_float: { float: Number.NaN },
      },
    },
    {
      op: 'TreeEnsembleRegressor',
      domain: ml,
      inputs: [name.features],
      outputs: [name.mean],
      attributes: treeEnsembleAttributes(model.forest),
    },
    // A float32 sum over the trees may end a rounding error above 1, and 1 - p then below 0.
    { op: 'Clip', domain: '', inputs: [name.mean, name.zero, name.one], outputs: [name.p1], attributes: {} },
    { op: 'Sub', domain: '', inputs: [name.one, name.p1], outputs: [name.p0], attributes: {} },
    join([name.p0, name.p1], 'probabilities'),
    {
      op: 'ArgMax',
      domain: '',
      inputs: ['probabilities'],
      outputs: ['label'],
      attributes: { axis: { integer: 1 }, keepdims: { integer: 0 } },
    },
  ]
  const inputs = columns.map(
    (column): OnnxValue => ({
      name: column.name,
      element: column.kind === 'numeric' ? 'float' : 'string',
      shape: ['rows', 1],
    }),
  )
  return writeOnnxModel({
    name: 'millrace_forest',
    nodes,
    inputs,
    outputs,
    constants: new Map([
      [name.zero, scalar(0)],
      [name.one, scalar(1)],
    ]),
  })
}
