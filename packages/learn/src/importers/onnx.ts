import type { Label } from '../target.ts'
import type { TreeEnsemble } from '../trees/ensemble.ts'
import { type OnnxAttributes, type OnnxFile, type OnnxOperator, readOnnxFile } from './onnx-graph.ts'
import { readTreeEnsemble } from './onnx-tree-ensemble.ts'
import { readOnnxTrees } from './onnx-trees.ts'
import { type EnsembleFrame, packTrees } from './pack-trees.ts'
import { refuseModel } from './read-data.ts'
import {
  type ImportedFeature,
  makeTreeModel,
  type TreeEnsembleModel,
  type TreeImportOptions,
} from './tree-model.ts'

const maxOutputs = 65_535
const maxFeatures = 2 ** 20

const refuse = (reason: string): never => refuseModel('ONNX', reason)

const parse = (bytes: Uint8Array): OnnxFile => {
  try {
    return readOnnxFile(bytes)
  } catch (error) {
    if (error instanceof RangeError) return refuse(error.message)
    throw error
  }
}

const treeOperators = ['TreeEnsembleClassifier', 'TreeEnsembleRegressor', 'TreeEnsemble']
/** These change no number, or only how it is written. */
const transparent = ['Identity', 'Cast', 'ZipMap', 'Concat']

const linkOperators = { Sigmoid: 'logistic', Softmax: 'softmax' } as const
/** A TreeEnsemble leaves it to these to make probabilities and the label. */
const aroundEnsemble = [...Object.keys(linkOperators), 'ArgMax']

const findTrees = ({ operators }: OnnxFile): OnnxOperator => {
  const found = operators.filter(({ op, domain }) => domain === 'ai.onnx.ml' && treeOperators.includes(op))
  if (found.length !== 1) refuse(`it has ${found.length} tree ensembles, not one`)
  const around = found[0].op === 'TreeEnsemble' ? [...transparent, ...aroundEnsemble] : transparent
  const other = operators.find(({ op }) => !treeOperators.includes(op) && !around.includes(op))
  if (other) refuse(`it also has the operator ${other.op}; only ${around.join(', ')} may be around the trees`)
  return found[0]
}

/** The model's inputs that make up the trees' input, side by side. */
const readFeatures = (
  file: OnnxFile,
  trees: OnnxOperator,
  lastFeature: number,
): readonly ImportedFeature[] => {
  const makers = new Map(
    file.operators.flatMap((operator) => operator.outputs.map((name) => [name, operator])),
  )
  const trace = (name: string, depth: number): string[] => {
    const maker = makers.get(name)
    if (!maker) return [name]
    if (depth > 100 || maker.op === 'ZipMap' || treeOperators.includes(maker.op))
      return refuse(`the input '${name}' of the trees is not an input of the model`)
    return maker.inputs.flatMap((input) => trace(input, depth + 1))
  }
  const names = trace(trees.inputs[0] ?? '', 0)
  const inputs = names.map(
    (name) =>
      file.inputs.find((input) => input.name === name) ??
      refuse(`the input '${name}' of the trees is not an input of the model`),
  )
  if (inputs.length === 1) {
    const count = inputs[0].columns ?? lastFeature + 1
    if (count > maxFeatures) refuse(`its input has ${count} columns`)
    return count === 1
      ? [{ name: inputs[0].name }]
      : Array.from({ length: count }, (_, feature) => ({ name: `f${feature}` }))
  }
  const wide = inputs.find(({ columns }) => columns !== 1)
  if (wide) refuse(`its input '${wide.name}' has ${wide.columns ?? 'any number of'} columns beside others`)
  return inputs.map(({ name }) => ({ name }))
}

const readBase = (attributes: OnnxAttributes, outputs: number): Float64Array => {
  const base = [...attributes.numbers('base_values'), ...attributes.numbers('base_values_as_tensor')]
  if (base.length === 0) return new Float64Array(outputs)
  if (base.length !== outputs) refuse(`it has ${base.length} base_values for ${outputs} outputs`)
  return Float64Array.from(base)
}

const readTransform = (attributes: OnnxAttributes): string => attributes.texts('post_transform')[0] ?? 'NONE'

const importRegressor = (file: OnnxFile, operator: OnnxOperator, options: TreeImportOptions) => {
  const { attributes } = operator
  const [targets = 1] = attributes.numbers('n_targets')
  if (targets !== 1) refuse(`it predicts ${targets} targets; one can be read`)
  const transform = readTransform(attributes)
  if (transform !== 'NONE' && transform !== 'LOGISTIC') refuse(`its post_transform is ${transform}`)
  const aggregate = attributes.texts('aggregate_function')[0] ?? 'SUM'
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE') refuse(`its aggregate_function is ${aggregate}`)
  const { trees, lastFeature, ...leaves } = readOnnxTrees(attributes, 'target', 1, refuse)
  const features = readFeatures(file, operator, lastFeature)
  const frame: EnsembleFrame = {
    ...leaves,
    features: features.length,
    outputs: 1,
    base: readBase(attributes, 1),
    aggregate: aggregate === 'SUM' ? 'sum' : 'average',
    link: transform === 'LOGISTIC' ? 'logistic' : 'identity',
  }
  return makeTreeModel('regression', packTrees(trees, frame, refuse), features, options)
}

/** The function between the sums of a TreeEnsemble and its scores. Labels (ArgMax) change no score. */
const readLink = (file: OnnxFile, trees: OnnxOperator, outputs: number): TreeEnsemble['link'] => {
  const links = file.operators.filter(({ op }) => op in linkOperators)
  if (links.length === 0) return 'identity'
  const [{ op, inputs, attributes }] = links
  const [axis = 1] = attributes.numbers('axis')
  if (links.length > 1 || inputs[0] !== trees.outputs[0] || (axis !== 1 && axis !== -1))
    refuse(`its ${op} is not of the trees' scores, row by row`)
  const link = linkOperators[op as keyof typeof linkOperators]
  if (link === (outputs === 1 ? 'softmax' : 'logistic')) refuse(`it has a ${op} of ${outputs} scores`)
  return link
}

const importEnsemble = (file: OnnxFile, operator: OnnxOperator, options: TreeImportOptions) => {
  const { attributes } = operator
  const { classes } = options
  const [outputs = 1] = attributes.numbers('n_targets')
  if (outputs !== 1 && !classes)
    refuse(`it predicts ${outputs} targets; if they are classes, name them with the option classes`)
  if (!(outputs >= 1 && outputs <= maxOutputs)) refuse(`it predicts ${outputs} targets`)
  const [aggregate = 1] = attributes.numbers('aggregate_function')
  if (aggregate !== 0 && aggregate !== 1) refuse(`its aggregate_function is ${aggregate}`)
  // ONNX Runtime counts the transforms in another order than ONNX does, and leaves some out:
  // https://github.com/microsoft/onnxruntime/issues/26596
  const [transform = 0] = attributes.numbers('post_transform')
  if (transform !== 0)
    refuse(
      `its post_transform is ${transform}, which runtimes understand differently; use Sigmoid or Softmax`,
    )
  const { trees, lastFeature, ...leaves } = readTreeEnsemble(attributes, outputs, refuse)
  const features = readFeatures(file, operator, lastFeature)
  const frame: EnsembleFrame = {
    ...leaves,
    features: features.length,
    outputs,
    base: new Float64Array(outputs),
    aggregate: aggregate === 0 ? 'average' : 'sum',
    link: readLink(file, operator, outputs),
  }
  const ensemble = packTrees(trees, frame, refuse)
  if (!classes) return makeTreeModel('regression', ensemble, features, options)
  if (ensemble.link === 'identity') checkProbabilities(ensemble)
  return makeTreeModel('classification', ensemble, features, options)
}

/** Refuses trees without a link unless what they add up to is between 0 and 1, and 1 over all classes. */
const checkProbabilities = (trees: TreeEnsemble): void => {
  const { offsets, feature, value, valuesPerLeaf, outputs } = trees
  const tolerance = 1e-3
  const share = trees.aggregate === 'average' ? 1 / (offsets.length - 1) : 1
  let least = trees.base.reduce((sum, one) => sum + one, 0)
  let most = least
  for (let tree = 0; tree + 1 < offsets.length; tree += 1) {
    let low = Infinity
    let high = -Infinity
    for (let node = offsets[tree]; node < offsets[tree + 1]; node += 1) {
      if (feature[node] >= 0) continue
      const leaf = value.subarray(node * valuesPerLeaf, (node + 1) * valuesPerLeaf)
      const total = leaf.reduce((sum, one) => sum + one, 0)
      if (leaf.some((one) => one < -tolerance)) refuse('its scores are not probabilities: some are below 0')
      low = Math.min(low, total)
      high = Math.max(high, total)
    }
    least += low * share
    most += high * share
  }
  if (most > 1 + tolerance || least < (outputs === 1 ? 0 : 1) - tolerance)
    refuse(`its scores are not probabilities: they add up to between ${least} and ${most}`)
}

const readLabels = (attributes: OnnxAttributes): readonly Label[] => {
  const texts = attributes.texts('classlabels_strings')
  return texts.length > 0 ? texts : attributes.numbers('classlabels_int64s')
}

const importClassifier = (file: OnnxFile, operator: OnnxOperator, options: TreeImportOptions) => {
  const { attributes } = operator
  const classes = readLabels(attributes)
  if (classes.length < 2 || classes.length > maxOutputs) refuse(`it has ${classes.length} classes`)
  // With two classes and scores of one alone, the score is that of the second class, whichever is named.
  const single = classes.length === 2 && new Set(attributes.numbers('class_ids')).size === 1
  const outputs = single ? 1 : classes.length
  const transform = readTransform(attributes)
  const link = transform === 'NONE' ? 'identity' : transform === 'LOGISTIC' ? 'logistic' : 'softmax'
  if (!['NONE', single ? 'LOGISTIC' : 'SOFTMAX'].includes(transform))
    refuse(`its post_transform is ${transform} over ${outputs} scores`)
  const given = single ? { ...attributes, numbers: withoutClass(attributes) } : attributes
  const { trees, lastFeature, ...leaves } = readOnnxTrees(given, 'class', outputs, refuse)
  const features = readFeatures(file, operator, lastFeature)
  const frame = { ...leaves, features: features.length, outputs, link, aggregate: 'sum' } as const
  const ensemble = packTrees(trees, { ...frame, base: readBase(attributes, outputs) }, refuse)
  if (link === 'identity') checkProbabilities(ensemble)
  // ONNX Runtime then leaves out the logistic function, which is not what the model says.
  if (link === 'logistic' && ensemble.value.every((value) => value >= 0))
    refuse('its post_transform is LOGISTIC, but no leaf is below 0, which runtimes take for probabilities')
  return makeTreeModel('classification', ensemble, features, { classes, ...options })
}

const withoutClass =
  (attributes: OnnxAttributes): OnnxAttributes['numbers'] =>
  (name) =>
    name === 'class_ids' ? attributes.numbers(name).map(() => 0) : attributes.numbers(name)

/**
 * Reads a tree ensemble from an ONNX model: TreeEnsembleClassifier or TreeEnsembleRegressor of ai.onnx.ml 1 to 4, as
 * skl2onnx and onnxmltools write them for scikit-learn, XGBoost and LightGBM, or TreeEnsemble of ai.onnx.ml 5 with a Sigmoid
 * or Softmax after it, which is a classifier if its classes are named. Features are named f0, f1, … where the
 * model has one input for all. A test whether a feature equals a number is taken for one of a category: the feature has
 * to be whole. Throws a RangeError for other operators around the trees (a scaler), several targets, scores that are no
 * probabilities, and files that are damaged.
 */
export const importOnnxTrees = (bytes: Uint8Array, options: TreeImportOptions = {}): TreeEnsembleModel => {
  const file = parse(bytes)
  const operator = findTrees(file)
  if (operator.op === 'TreeEnsemble') return importEnsemble(file, operator, options)
  return operator.op === 'TreeEnsembleRegressor'
    ? importRegressor(file, operator, options)
    : importClassifier(file, operator, options)
}
