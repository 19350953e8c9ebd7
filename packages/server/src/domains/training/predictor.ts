import {
  type Classification,
  type Column,
  type Frame,
  type ModelInput,
  modelFromBytes,
  type Regression,
} from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { LoadedTrainingSet } from '../features/index.ts'
import type { ModelManifest } from '../registry/index.ts'
import { toLearnerRows } from './learner-data.ts'
import { nativePath } from './learner-folder.ts'
import { predictGraph } from './predict-graph.ts'
import { predictRows } from './predict-rows.ts'

/**
 * Predicts the rows of a training set with the model of a manifest.
 * @throws `training.data_unusable` if the set lacks what the model takes; `model.manifest_invalid` for a model that is
 * neither in our own format nor a graph that was imported
 */
export async function predictSet(
  content: Pick<ContentStore, 'getBytes' | 'openLocal'>,
  model: { manifest: ModelManifest; digest: string },
  { set, signal }: { set: LoadedTrainingSet; signal: AbortSignal },
): Promise<Classification | Regression> {
  const { files, features } = model.manifest
  const native = files[nativePath]
  if (native === undefined) {
    if (model.manifest.onnx) return predictGraph(content, model.manifest, { set, signal })
    throw fail('model.manifest_invalid', { digest: model.digest, reason: `it has no ${nativePath}` })
  }
  const { frame } = toLearnerRows(set, features)
  const fitted = modelFromBytes(await content.getBytes(native))
  return predictRows(fitted, asKinds(frame, fitted.inputs), { signal })
}

/** Trees from elsewhere know flags as numbers. */
function asKinds(frame: Frame, inputs: readonly ModelInput[]): Frame {
  const numeric = new Set(inputs.filter(({ kind }) => kind === 'numeric').map(({ name }) => name))
  const columns = Object.entries(frame.columns).map(([name, column]): [string, Column] => {
    if (column.kind !== 'boolean' || !numeric.has(name)) return [name, column]
    const values = Float32Array.from(column.values, (value) => (value < 0 ? Number.NaN : value))
    return [name, { kind: 'numeric', values }]
  })
  return { ...frame, columns: Object.fromEntries(columns) }
}
