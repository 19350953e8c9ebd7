import type { LoadedTrainingSet } from '../../features/index.ts'
import type { ModelSource } from '../../registry/index.ts'
import type { LabelledTask } from '../learner-data.ts'
import type { Refuse } from './import-error.ts'
import { importGraph } from './import-graph.ts'
import { importTrees, type TreeFlavor } from './import-trees.ts'
import type { Imported } from './imported.ts'

interface LoggedModel {
  source: Pick<ModelSource, 'facts'>
  files: Readonly<Record<string, Uint8Array>>
  task: LabelledTask | undefined
}

/** Makes of the files of a logged model what this platform runs. @throws what `refuse` makes of one that it does not */
export async function importSource(
  set: LoadedTrainingSet,
  { source, files, task }: LoggedModel,
  refuse: Refuse,
): Promise<Imported> {
  const { flavors, spec } = source.facts
  const inputs = spec.signature?.inputs ?? []
  const hasColumns = inputs.length > 0 && inputs.every(({ type }) => !type.startsWith('tensor('))
  const signature = hasColumns ? inputs.map(({ name }) => name) : undefined
  const flavor = (['onnx', 'xgboost', 'lightgbm'] as const).find((name) => flavors[name])
  if (flavor === undefined) throw refuse(adviceFor(Object.keys(flavors)))
  const { data, modelClass } = flavors[flavor]
  const bytes = data === null ? undefined : files[data]
  if (data === null || bytes === undefined) throw refuse(`its file ${data ?? 'of the model'} is not there`)
  if (flavor === 'onnx') return importGraph(set, { files, path: data, signature, task }, refuse)
  if (!/\.(json|ubj|txt|lgb)$/.test(data)) throw refuse(pickled[flavor](data))
  const imported = importTrees(set, { flavor, bytes, modelClass, signature }, refuse)
  if (task && task !== (imported.output.task === 'regression' ? 'regression' : 'classification')) {
    throw refuse(`it is for ${imported.output.task}, not for ${task}`)
  }
  return imported
}

const pickled: Record<TreeFlavor, (data: string) => string> = {
  lightgbm: (data) =>
    `${data} is a Python object, which is never loaded here; log its booster: mlflow.lightgbm.log_model(model.booster_, …)`,
  xgboost: (data) =>
    `${data} is in a format that XGBoost has given up; log it with model_format="ubj" or "json"`,
}

/** Python objects can do anything when they are loaded. */
function adviceFor(flavors: readonly string[]): string {
  const ways: Record<string, string> = {
    sklearn: 'convert it with skl2onnx.to_onnx(model, X[:1], options={"zipmap": False})',
    pytorch: 'export it with torch.onnx.export',
    keras: 'convert it with tf2onnx',
    tensorflow: 'convert it with tf2onnx',
    catboost: 'save it with save_model(…, format="onnx")',
  }
  const [way] = flavors.flatMap((flavor) => ways[flavor] ?? [])
  return `it is a Python object (${flavors.join(', ')}), which is never loaded here; ${way ?? 'convert it to ONNX'} and log it with mlflow.onnx.log_model. Models of XGBoost and LightGBM are read as they are`
}
