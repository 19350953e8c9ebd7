import { readFile } from 'node:fs/promises'
import type { Label, ShapValues } from '@millrace/learn'
import type { ContentStore } from '../../ports/content-store.ts'
import type { FeatureValue } from '../features/index.ts'
import { areFlags, type ModelManifest } from '../registry/index.ts'
import type { RowFeatures } from './feature-lookup.ts'
import { fillColumns } from './runtimes/fill-columns.ts'
import { nativeFile } from './runtimes/native.ts'
import type { Prediction } from './runtimes/prediction.ts'
import { classesOf } from './runtimes/runtime.ts'

/** What one feature of a row adds to the score. */
interface Contribution {
  feature: string
  /** As the model was given it; null is missing. */
  value: FeatureValue
  contribution: number
}

/** Why a score is what it is: `base` + the contributions + `others` = `score`. */
interface ScoreExplanation {
  /** The class that the score speaks for; absent for a number. */
  label?: Label
  /** The score of no row in particular. */
  base: number
  score: number
  /** The largest by absolute value first. */
  contributions: Contribution[]
  /** The sum of the contributions that were left out; absent if none was. */
  others?: number
}

export interface Explanation {
  /** What makes predictions of scores; of a calibrated classifier: those of the model within. */
  link: ShapValues['link']
  /** One for a number, and for two classes that of the second; for more classes one each. */
  scores: ScoreExplanation[]
}

/**
 * Explaining takes some hundred bytes for each node of the trees, and up to 300 ns for each row, on the event loop: with so
 * many nodes, up to 15 ms a row.
 */
const mostNodes = 50_000

/** Explains rows, one at a time. */
export interface Explainer {
  /** `top`: the most contributions to give. @throws whatever the model throws */
  explain(row: RowFeatures, top: number): { prediction: Prediction; explanation: Explanation }
}

/**
 * What explains the predictions of a model, by its file in our own format; or why nothing can.
 * @throws `content.not_found`, `content.corrupt`, an Error for a file that does not fit what the manifest says
 */
export async function loadExplainer(
  content: Pick<ContentStore, 'openLocal'>,
  manifest: ModelManifest,
): Promise<Explainer | string> {
  const digest = manifest.files[nativeFile]
  if (digest === undefined) {
    return `it has no file ${nativeFile}, only ${Object.keys(manifest.files).join(', ')}`
  }
  // Loaded with the first explanation: all learners come with them.
  const [{ countTreeNodes, explain }, { openNativeModel, toPredictions }] = await Promise.all([
    import('@millrace/learn'),
    import('./runtimes/native-model.ts'),
  ])
  const native = openNativeModel(await readFile(await content.openLocal(digest)), manifest)
  const nodes = countTreeNodes(native.model)
  if (nodes > mostNodes) return `its trees have ${nodes} nodes, and explanations are for up to ${mostNodes}`
  try {
    // What a model cannot explain at all shows without any row.
    explain(native.model, native.toFrame(native.columns(0)))
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
  return {
    explain(row, top) {
      const columns = native.columns(1)
      fillColumns(columns, manifest.features, [row])
      const frame = native.toFrame(columns)
      const [prediction] = toPredictions(native.model, frame)
      return { prediction, explanation: describe(explain(native.model, frame), manifest, { row, top }) }
    },
  }
}

function describe(
  { features, outputs, link, base, values }: ShapValues,
  manifest: ModelManifest,
  { row, top }: { row: RowFeatures; top: number },
): Explanation {
  const width = features.length
  const classes = classesOf(manifest)
  // Answers know flags as 1 and 0.
  const labelOf = (output: Label) => (classes && areFlags(classes) ? Number(output) : output)
  const scores = outputs.map((output, index): ScoreExplanation => {
    const own = values.subarray(index * width, (index + 1) * width)
    const sorted = features
      .map((feature, at) => ({ feature, value: row.values[feature] ?? null, contribution: own[at] }))
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
    const left = sorted.slice(top)
    return {
      ...(output !== null && { label: labelOf(output) }),
      base: base[index],
      score: own.reduce((sum, value) => sum + value, base[index]),
      contributions: sorted.slice(0, top),
      ...(left.length > 0 && { others: left.reduce((sum, { contribution }) => sum + contribution, 0) }),
    }
  })
  // A class that the training never had has the score -Infinity whatever comes: nothing explains it.
  return { link, scores: scores.filter(({ base: start }) => Number.isFinite(start)) }
}
