import type { InferenceSession } from 'onnxruntime-node'
import type { LoadedTrainingSet } from '../../features/index.ts'
import { inputTypes, type OnnxBinding, type OnnxInputType } from '../../registry/index.ts'
import type { LabelledTask } from '../learner-data.ts'
import type { NamedColumn } from '../training-data.ts'
import { chooseFeatures } from './choose-features.ts'
import type { Refuse } from './import-error.ts'

/** A tensor of rows: `width` is undefined if the graph does not say. */
interface RowTensor {
  name: string
  type: string
  width: number | undefined
}

type Metadata = Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>

/**
 * Which features go into which input of a graph.
 * @throws what `refuse` makes of inputs that are no rows of numbers or texts, or no features
 */
export function bindFeatures(
  set: LoadedTrainingSet,
  graph: Pick<Metadata, 'inputMetadata'>,
  signature: readonly string[] | undefined,
  refuse: Refuse,
): { inputs: OnnxBinding['inputs']; features: NamedColumn[] } {
  const tensors = graph.inputMetadata.map((input) => rowTensor(input, refuse))
  const [only] = tensors
  const isBlock = tensors.length === 1 && only.width !== 1
  const wide = tensors.find(({ width }) => width !== 1)
  if (!isBlock && wide) {
    throw refuse(`its input "${wide.name}" has ${wide.width ?? 'any number of'} columns beside other inputs`)
  }
  const own = isBlock ? undefined : tensors.map(({ name }) => name)
  const count = isBlock ? only.width : tensors.length
  const features = chooseFeatures(set, { count, own, signature }, refuse)
  const types = tensors.map(({ name, type }) => {
    const known = inputTypes.find((candidate) => candidate === type)
    if (!known) throw refuse(`its input "${name}" is a tensor of ${type}; there are ${inputTypes.join(', ')}`)
    return known
  })
  for (const [i, feature] of features.entries()) checkType(feature, types[isBlock ? 0 : i], refuse)
  const names = features.map(({ name }) => name)
  const inputs = tensors.map(({ name }, i) => ({
    name,
    type: types[i],
    features: isBlock ? names : [names[i]],
  }))
  return { inputs, features }
}

function rowTensor(input: InferenceSession.ValueMetadata, refuse: Refuse): RowTensor {
  const { name } = input
  if (!input.isTensor) throw refuse(`its input "${name}" is no tensor`)
  const [rows, width, ...more] = input.shape
  if (rows === undefined || more.length > 0) {
    throw refuse(
      `its input "${name}" has the shape [${input.shape.join(', ')}]; rows have one or two dimensions`,
    )
  }
  if (typeof rows === 'number' && rows >= 0) {
    throw refuse(
      `its input "${name}" is always ${rows} rows; export it for any number of them (dynamic_axes or dynamic_shapes of torch.onnx.export)`,
    )
  }
  const counted = input.shape.length === 1 ? 1 : typeof width === 'number' && width >= 0 ? width : undefined
  return { name, type: input.type, width: counted }
}

function checkType({ name, type }: NamedColumn, input: OnnxInputType, refuse: Refuse): void {
  if ((type === 'string') !== (input === 'string')) {
    throw refuse(`it takes "${name}" as ${input}, which is a ${type} in the training set`)
  }
  if (type === 'timestamp' && input !== 'float64' && input !== 'int64') {
    throw refuse(`it takes "${name}" as ${input}, which has too few digits for a time in milliseconds`)
  }
}

const isFloat = (type: string) => type === 'float32' || type === 'float64'

/**
 * Which output has the answer, and which the predicted class.
 * @throws what `refuse` makes of graphs without such outputs
 */
export function bindOutputs(
  { outputMetadata }: Pick<Metadata, 'outputMetadata'>,
  given: LabelledTask | undefined,
  set: LoadedTrainingSet,
  refuse: Refuse,
): { task: LabelledTask; output: string; label: string | undefined; width: number | undefined } {
  const tensors = outputMetadata.filter((output) => output.isTensor)
  const floats = tensors.filter(({ type }) => isFloat(type))
  const label = tensors.find(({ type }) => ['int64', 'int32', 'string', 'bool'].includes(type))
  const names = outputMetadata.map(({ name }) => name).join(', ')
  if (floats.length === 0) {
    const reason =
      tensors.length < outputMetadata.length
        ? `its probabilities are a list of maps, not a tensor; convert it with options={'zipmap': False}`
        : `none of its outputs (${names}) has probabilities or numbers`
    throw refuse(reason)
  }
  const likely = floats.filter(({ name }) => /prob/i.test(name))
  const [chosen, other] = likely.length > 0 ? likely : floats
  if (other) throw refuse(`several of its outputs may be the answer (${names}); export it with one`)
  const width = typeof chosen.shape[1] === 'number' && chosen.shape[1] >= 0 ? chosen.shape[1] : undefined
  const type = set.manifest.columns.find(({ name }) => name === set.manifest.label)?.type
  const isClasses = label !== undefined || likely.length > 0 || type === 'string' || type === 'boolean'
  const task = given ?? (isClasses || (width ?? 1) > 1 ? 'classification' : 'regression')
  return { task, output: chosen.name, label: task === 'classification' ? label?.name : undefined, width }
}
