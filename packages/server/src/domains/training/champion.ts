import type { Classification, Regression } from '@millrace/learn'
import { isPlatformError } from '@millrace/protocol'
import type { LoadedTrainingSet } from '../features/index.ts'
import { type ModelManifest, manifestOf, readManifest } from '../registry/index.ts'
import { classesOf, differenceOf, inOrder } from './evaluation-target.ts'
import { predictSet } from './predictor.ts'
import type { TrainingDeps } from './training-deps.ts'

/** Another model on the same rows; without a prediction if it cannot be asked about them. */
export type Champion =
  | { name: string; prediction: Classification | Regression }
  | { name: string; problem: string }

/**
 * What the model in place says of the rows; undefined if there is none of that name yet. A champion that cannot be compared
 * is no error: it may have learnt from columns that are no longer there, be for another task, or be one that only others
 * can run.
 */
export async function askChampion(
  { registry, content }: Pick<TrainingDeps, 'registry' | 'content'>,
  { champion, challenger }: { champion: string; challenger: ModelManifest },
  rows: { set: LoadedTrainingSet; signal: AbortSignal },
): Promise<Champion | undefined> {
  const version = await registry.find(champion)
  if (!version) return undefined
  const name = `${version.model}/${version.version}`
  try {
    const digest = manifestOf(version)
    const manifest = await readManifest(content, digest)
    const problem = differenceOf(manifest, challenger)
    if (problem !== undefined) return { name, problem }
    const prediction = await predictSet(content, { manifest, digest }, rows)
    return { name, prediction: inOrder(prediction, classesOf(challenger)) }
  } catch (error) {
    const incomparable = ['training.data_unusable', 'model.no_manifest', 'model.manifest_invalid']
    if (isPlatformError(error) && incomparable.includes(error.code)) return { name, problem: error.message }
    throw error
  }
}
