import { importLightgbm, importXgboost, modelToBytes, type TreeEnsembleModel } from '@millrace/learn'
import type { LoadedTrainingSet } from '../../features/index.ts'
import { nativePath } from '../learner-folder.ts'
import { isRefusal } from '../refusal.ts'
import { chooseFeatures } from './choose-features.ts'
import type { Refuse } from './import-error.ts'
import type { Imported } from './imported.ts'
import { targetOfModel } from './target-of-model.ts'

export type TreeFlavor = 'xgboost' | 'lightgbm'

interface TreeFile {
  flavor: TreeFlavor
  bytes: Uint8Array
  /** As `xgboost.sklearn.XGBClassifier`. */
  modelClass: string | null
  /** Columns of the signature. */
  signature: readonly string[] | undefined
}

/** Reads a model of XGBoost or LightGBM into one of our own trees. @throws what `refuse` makes of one that does not fit */
export function importTrees(set: LoadedTrainingSet, file: TreeFile, refuse: Refuse): Imported {
  const read = (options: { features?: string[]; classes?: readonly (string | number | boolean)[] }) =>
    orRefuse(refuse, () => readTrees(file, options))
  const raw = read({})
  const own = raw.inputs.map(({ name }) => name)
  const features = chooseFeatures(set, { count: own.length, own, signature: file.signature }, refuse)
  for (const [i, { name, type }] of features.entries()) {
    const { kind } = raw.inputs[i]
    if ((kind === 'categorical') === (type === 'string') && type !== 'timestamp') continue
    throw refuse(`it takes "${name}" as ${kindNames[kind]}, which is a ${type} in the training set`)
  }
  const { output } = raw
  const classes = output.task === 'classification' ? output.classes.length : undefined
  const { label, target, output: described } = targetOfModel(set, { task: output.task, classes }, refuse)
  const model = read({
    features: features.map(({ name }) => name),
    ...(described.classes && { classes: described.classes }),
  })
  return {
    algorithm: file.modelClass ? `${file.flavor}:${file.modelClass.split('.').at(-1)}` : file.flavor,
    features,
    label,
    target,
    output: described,
    files: { [nativePath]: modelToBytes(model) },
  }
}

const kindNames = {
  categorical: 'a category',
  numeric: 'a number',
  boolean: 'a flag',
  timestamp: 'a time',
} as const

function readTrees(
  { flavor, bytes, modelClass }: TreeFile,
  options: Parameters<typeof importLightgbm>[1],
): TreeEnsembleModel {
  if (flavor === 'lightgbm') return importLightgbm(new TextDecoder().decode(bytes), options)
  if (!modelClass?.startsWith('xgboost.sklearn')) return importXgboost(bytes, options)
  try {
    // As its interface for scikit-learn predicts after early stopping.
    return importXgboost(bytes, { ...options, rounds: 'best' })
  } catch (error) {
    if (error instanceof RangeError && error.message.includes('best_iteration'))
      return importXgboost(bytes, options)
    throw error
  }
}

/** Importers refuse by these two. */
function orRefuse<Result>(refuse: Refuse, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (isRefusal(error)) throw refuse(error.message, error)
    throw error
  }
}
