import { type Label, likeliestClasses } from '@millrace/learn'
import type { LoadedTrainingSet } from '../../features/index.ts'
import type { OnnxBinding } from '../../registry/index.ts'
import { bindInputs, type OpenGraph } from '../../serving/index.ts'
import type { LabelledTask } from '../learner-data.ts'
import { fillBlock } from '../predict-graph.ts'
import { isBug } from '../refusal.ts'
import { featureColumns, type NamedColumn } from '../training-data.ts'
import { bindFeatures, bindOutputs } from './bind-graph.ts'
import type { Refuse } from './import-error.ts'
import type { Imported } from './imported.ts'
import { openGraph } from './open-graph.ts'
import { targetOfModel } from './target-of-model.ts'

export const graphPath = 'model.onnx'
/** Rows on which the graph's labels are held against the classes. */
const comparedRows = 1000
/** The share of them that may differ. */
const mostDifferent = 0.1

interface GraphFiles {
  files: Readonly<Record<string, Uint8Array>>
  /** Of the graph. */
  path: string
  /** Columns of the signature. */
  signature: readonly string[] | undefined
  task: LabelledTask | undefined
}

/** Binds a graph of ONNX to the features of a training set. @throws what `refuse` makes of one that does not fit */
export async function importGraph(
  set: LoadedTrainingSet,
  given: GraphFiles,
  refuse: Refuse,
): Promise<Imported> {
  const graph = await openGraph(given.files, given.path, refuse)
  try {
    const { inputs, features } = bindFeatures(set, graph.session, given.signature, refuse)
    const { task, output, label, width } = bindOutputs(graph.session, given.task, set, refuse)
    const classes = task === 'classification' && width !== 1 ? width : undefined
    const target = targetOfModel(set, { task, classes }, refuse)
    const bound = { graph, inputs, features, output }
    await checkRows(bound, set, refuse)
    if (label !== undefined && target.output.classes) {
      await checkClasses({ ...bound, label, classes: target.output.classes }, set, refuse)
    }
    return {
      algorithm: 'onnx',
      features,
      ...target,
      onnx: { inputs, output, takesMissing: await takesMissing(bound) },
      files: { [graphPath]: graph.bytes },
    }
  } finally {
    await graph.session.release()
  }
}

interface Bound {
  graph: OpenGraph
  inputs: OnnxBinding['inputs']
  features: NamedColumn[]
  output: string
}

/** Runs the first rows. */
async function runFirst({ graph, inputs, features }: Bound, set: LoadedTrainingSet, outputs: string[]) {
  const rows = Math.min(comparedRows, set.rows)
  const binding = bindInputs(graph, { inputs }, features)
  const columns = binding.columns(rows)
  for (const [i, column] of featureColumns(set, features).entries()) fillBlock(columns[i], column, 0)
  return graph.session.run(binding.feeds(columns, rows), outputs)
}

/** An error of the runtime says what the graph wants of its inputs. */
async function checkRows(bound: Bound, set: LoadedTrainingSet, refuse: Refuse): Promise<void> {
  try {
    await runFirst(bound, set, [bound.output])
  } catch (error) {
    if (isBug(error)) throw error
    throw refuse(`it does not run on rows of the training set: ${(error as Error).message}`, error)
  }
}

/**
 * The graph's own labels say which probability is whose: the name of the class, or its place among them.
 * @throws what `refuse` makes of labels in another order
 */
async function checkClasses(
  bound: Bound & { label: string; classes: readonly Label[] },
  set: LoadedTrainingSet,
  refuse: Refuse,
): Promise<void> {
  const { classes, label, output } = bound
  const found = await runFirst(bound, set, [label, output])
  const labels = Array.from(found[label].data as ArrayLike<unknown>)
  const shares = Float64Array.from(found[output].data as ArrayLike<number>)
  if (shares.length !== labels.length * classes.length) return
  const codes = likeliestClasses({ task: 'classification', classes, probabilities: shares })
  const named = classes.map((name, code) => [String(name), String(Number(name)), String(code)])
  const wrong = labels.flatMap((name, row) => (named[codes[row]].includes(String(name)) ? [] : [row]))
  // Ties, and some models' labels come about in another way than their probabilities.
  if (wrong.length <= mostDifferent * labels.length) return
  const [row] = wrong
  throw refuse(
    `its classes are in another order than the label's (${classes.join(', ')}): where its probability ${codes[row] + 1} is the highest it says ${String(labels[row])}`,
  )
}

/** Whether a row of missing values has an answer. */
async function takesMissing({ graph, inputs, features, output }: Bound): Promise<boolean> {
  const binding = bindInputs(graph, { inputs }, features)
  try {
    const found = await graph.session.run(binding.feeds(binding.columns(1), 1), [output])
    return Array.from(found[output].data as ArrayLike<number>).every(Number.isFinite)
  } catch {
    // Whole numbers cannot be missing, and some operators refuse what is no number.
    return false
  }
}
