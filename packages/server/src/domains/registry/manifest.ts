import { type ColumnType, fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { ModelSpec } from './model-spec.ts'
import type { ModelVersion } from './model-version.ts'
import type { OnnxBinding } from './onnx-binding.ts'

/** What a model is for. The last three learn without a label, and are judged by nobody before they are registered. */
export type ModelTask = (typeof tasks)[number]

const classTasks = ['binary-classification', 'multiclass-classification'] as const
const tasks = [...classTasks, 'regression', 'clustering', 'anomaly', 'recommendation'] as const

/**
 * What a model is: a content-addressed JSON document that names its files by digest. The digest of the manifest is
 * the identity of the model.
 */
export interface ModelManifest {
  kind: 'model'
  /** The kind of the learner, such as `gradientBoostingClassifier`. */
  algorithm: string
  task: ModelTask
  /** Of a classifier, in the order of its probabilities; absent of all others. */
  classes?: (string | number | boolean)[]
  /** Path in the model folder -> digest of the content; `model.onnx` or `model.bin` is always there. */
  files: Record<string, string>
  /**
   * What the model takes, in order. In the graph `string` columns are string tensors [N, 1], timestamps are double tensors
   * [N, 1] in milliseconds, all others are float tensors [N, 1], booleans as 0 and 1; missing is NaN or ''.
   */
  features: { name: string; type: ColumnType }[]
  /** Absent of a model that learnt without one. */
  label?: { name: string; type: ColumnType }
  /** Of a graph that was made elsewhere; others have an input for each feature and outputs of known names. */
  onnx?: OnnxBinding
  /** Event times of the first and the last row learnt from, in milliseconds. */
  trainedFrom: number
  trainedThrough: number
  rows: number
  /** Digest of the training set's manifest. */
  trainingSet: string
  /** Digest of the one that the fit was watched on, if that was another. */
  validationSet?: string
  datasets: { dataset: string; version: string }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  /** Digests of the code that computed features. */
  bundles: string[]
  runId: string
}

/** Whether classes are false and true, or 0 and 1: the labels of models that are told apart by one probability. */
export function areFlags(classes: readonly (string | number | boolean)[]): boolean {
  const [no, yes, ...others] = classes
  return others.length === 0 && (no === false || no === 0) && (yes === true || yes === 1)
}

/** What models of these tasks give, which learn from no label. */
const outputsByTask: Partial<Record<ModelTask, { name: string; type: ColumnType }[]>> = {
  clustering: [
    { name: 'cluster', type: 'int64' },
    { name: 'distance', type: 'float64' },
  ],
  anomaly: [
    { name: 'outlier', type: 'boolean' },
    { name: 'score', type: 'float64' },
  ],
  recommendation: [{ name: 'value', type: 'float64' }],
}

/** Whether models of the task are there without a label to judge them by. */
export function isUnlabelled(task: ModelTask): boolean {
  return outputsByTask[task] !== undefined
}

/** What the model is for those who use it. */
export function specOf({ algorithm, features, label, task }: ModelManifest): ModelSpec {
  const inputs = features.map(({ name, type }) => ({ name, type }))
  const outputs = outputsByTask[task] ?? (label ? [{ ...label }] : [])
  return { algorithm: [algorithm], signature: { inputs, outputs, params: [] } }
}

/**
 * Digest of a version's manifest.
 * @throws `model.no_manifest` for versions that were registered from outside
 */
export function manifestOf({ model, version, manifest }: ModelVersion): string {
  if (manifest === null) throw fail('model.no_manifest', { model, version })
  return manifest
}

/**
 * Reads a manifest from the content store.
 * @throws `content.not_found`, `content.corrupt`; `model.manifest_invalid` if the content is something else
 */
export async function readManifest(content: ContentStore, digest: string): Promise<ModelManifest> {
  const text = Buffer.from(await content.getBytes(digest)).toString('utf8')
  let manifest: Partial<ModelManifest> | null
  try {
    manifest = JSON.parse(text) as Partial<ModelManifest> | null
  } catch (error) {
    throw fail('model.manifest_invalid', { digest, reason: 'it is not JSON' }, error)
  }
  const reason = findFault(manifest ?? {})
  if (reason !== undefined) throw fail('model.manifest_invalid', { digest, reason })
  return manifest as ModelManifest
}

function findFault({ kind, files, features, label, task, classes }: Partial<ModelManifest>) {
  if (kind !== 'model') return 'its kind is not "model"'
  if (!(files?.['model.onnx'] || files?.['model.bin'])) return 'it has neither model.onnx nor model.bin'
  if (!Array.isArray(features)) return 'it has no features'
  if (!task || !tasks.includes(task)) return `its task is not one of ${tasks.join(', ')}`
  if (!label && !isUnlabelled(task)) return 'it has no label'
  const isClassifier = classTasks.some((classTask) => classTask === task)
  if (isClassifier === Array.isArray(classes)) return undefined
  return isClassifier ? 'it has no classes' : `it has classes, and is for ${task}`
}
