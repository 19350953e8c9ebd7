import { type Classification, loadModel, modelFromBytes, type Regression } from '@millrace/learn'
import { predictProbabilityInThreads } from '@millrace/learn/threads'
import { fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import { toLearnerRows } from './learner-data.ts'
import { nativePath } from './learner-folder.ts'
import { forestPath } from './model-folder.ts'
import { predictRows } from './predict-rows.ts'
import { toTrainingData } from './training-data.ts'

/**
 * Predicts the rows of a training set with the model of a manifest, whichever step trained it.
 * @throws `training.data_unusable` if the set lacks what the model takes; `model.manifest_invalid` for a model in no
 * format of ours
 */
export async function predictSet(
  content: Pick<ContentStore, 'getBytes'>,
  model: { manifest: ModelManifest; digest: string },
  { set, signal }: { set: LoadedTrainingSet; signal: AbortSignal },
): Promise<Classification | Regression> {
  const { files, features, label } = model.manifest
  const native = files[nativePath]
  if (native !== undefined) {
    const { frame } = toLearnerRows(set, features)
    return predictRows(loadModel(await content.getBytes(native)), frame, { signal })
  }
  const forest = files[forestPath]
  if (forest === undefined) {
    throw fail('model.manifest_invalid', {
      digest: model.digest,
      reason: `it has neither ${nativePath} nor ${forestPath}`,
    })
  }
  const { frame } = toTrainingData(set, features)
  const positive = await predictProbabilityInThreads(modelFromBytes(await content.getBytes(forest)), frame, {
    signal,
  })
  const probabilities = new Float64Array(2 * positive.length)
  for (const [row, probability] of positive.entries()) {
    probabilities[2 * row] = 1 - probability
    probabilities[2 * row + 1] = probability
  }
  return { task: 'classification', classes: label.type === 'boolean' ? [false, true] : [0, 1], probabilities }
}
