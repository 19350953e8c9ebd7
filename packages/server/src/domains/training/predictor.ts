import { type Classification, loadModel, type Regression } from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import { toLearnerRows } from './learner-data.ts'
import { nativePath } from './learner-folder.ts'
import { predictRows } from './predict-rows.ts'

/**
 * Predicts the rows of a training set with the model of a manifest.
 * @throws `training.data_unusable` if the set lacks what the model takes; `model.manifest_invalid` for a model that is
 * not in our own format
 */
export async function predictSet(
  content: Pick<ContentStore, 'getBytes'>,
  model: { manifest: ModelManifest; digest: string },
  { set, signal }: { set: LoadedTrainingSet; signal: AbortSignal },
): Promise<Classification | Regression> {
  const { files, features } = model.manifest
  const native = files[nativePath]
  if (native === undefined) {
    throw fail('model.manifest_invalid', { digest: model.digest, reason: `it has no ${nativePath}` })
  }
  const { frame } = toLearnerRows(set, features)
  return predictRows(loadModel(await content.getBytes(native)), frame, { signal })
}
