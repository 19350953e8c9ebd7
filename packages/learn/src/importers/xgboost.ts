import { decodeText, encodeText } from '../text.ts'
import { packTrees } from './pack-trees.ts'
import { createDataReader, type DataReader, type DataRecord } from './read-data.ts'
import { makeTreeModel, type TreeEnsembleModel, type TreeImportOptions } from './tree-model.ts'
import { parseUbjson } from './ubjson.ts'
import { readXgboostFeatures } from './xgboost-features.ts'
import { objectives } from './xgboost-objective.ts'
import { readXgboostTree } from './xgboost-tree.ts'

const maxOutputs = 65_535

export interface XgboostImportOptions extends TreeImportOptions {
  /**
   * How many rounds of boosting to use, from the first one on; 'best': up to `best_iteration` of early stopping, as
   * XGBoost's interface for scikit-learn predicts. Default: all, as `Booster.predict` does.
   */
  readonly rounds?: number | 'best'
}

const parseJson = (text: string, reader: DataReader): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    return reader.refuse(`it is no JSON (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** Both formats start with '{'; in JSON a space or a quote follows, in UBJSON the type of a length. */
const parse = (bytes: Uint8Array, reader: DataReader): unknown => {
  if (bytes[0] !== 0x7b)
    reader.refuse("it does not begin with '{'; save it as .json or .ubj, not in the old binary format")
  if (![0x20, 0x09, 0x0a, 0x0d, 0x22].includes(bytes[1])) return parseUbjson(bytes)
  try {
    return parseJson(decodeText(bytes), reader)
  } catch (error) {
    if (error instanceof TypeError) return reader.refuse('it is not UTF-8')
    throw error
  }
}

/** `base_score` is one number as text, or since XGBoost 3.1 a list of them. */
const readBase = (
  reader: DataReader,
  value: unknown,
  outputs: number,
  toMargin: (score: number) => number,
): Float64Array => {
  const text = reader.text(value, 'base_score')
  const scores = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map(Number)
  if (scores.length !== 1 && scores.length !== outputs)
    reader.refuse(`base_score has ${scores.length} numbers for ${outputs} outputs`)
  const base = Float64Array.from({ length: outputs }, (_, output) =>
    toMargin(Math.fround(scores[scores.length === 1 ? 0 : output])),
  )
  return base.every(Number.isFinite) ? base : reader.refuse(`base_score is ${text}`)
}

/** The trees of gbtree, and of dart with the weight of each. */
const readBooster = (
  reader: DataReader,
  value: unknown,
): { model: DataRecord; weights?: ArrayLike<number> } => {
  const booster = reader.record(value, 'gradient_booster')
  const name = reader.text(booster.name ?? 'gbtree', 'gradient_booster.name')
  if (name === 'gbtree') return { model: reader.record(booster.model, 'gradient_booster.model') }
  if (name !== 'dart') reader.refuse(`its booster is '${name}'; gbtree and dart are trees`)
  const inner = reader.record(booster.gbtree, 'gradient_booster.gbtree')
  return {
    model: reader.record(inner.model, 'gradient_booster.gbtree.model'),
    weights: reader.numbers(booster.weight_drop, 'gradient_booster.weight_drop'),
  }
}

const readLearner = (reader: DataReader, file: unknown) => {
  const learner = reader.record(reader.record(file, 'the file').learner, 'learner')
  const parameters = reader.record(learner.learner_model_param, 'learner_model_param')
  const objective = reader.record(learner.objective, 'objective')
  const name = reader.text(objective.name, 'objective.name')
  if (reader.integer(parameters.num_target ?? 1, 'num_target', 0, maxOutputs) > 1)
    reader.refuse('it predicts several targets; train one model for each')
  const features = reader.integer(parameters.num_feature, 'num_feature', 0, 2 ** 31 - 1)
  const classes = reader.integer(parameters.num_class ?? 0, 'num_class', 0, maxOutputs)
  return {
    learner,
    features,
    outputs: Math.max(1, classes),
    objective:
      objectives.get(name) ??
      reader.refuse(`its objective is '${name}'; there are ${[...objectives.keys()].join(', ')}`),
    baseScore: parameters.base_score,
  }
}

/** How many rounds there are to use. */
const countRounds = (
  reader: DataReader,
  learner: DataRecord,
  all: number,
  rounds: number | 'best' | undefined,
): number => {
  if (rounds === undefined) return all
  if (typeof rounds === 'number') {
    if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= all))
      throw new RangeError(`rounds must be an integer from 1 to ${all}, which the model has, not ${rounds}`)
    return rounds
  }
  const { best_iteration: best } = reader.record(learner.attributes ?? {}, 'attributes')
  if (best === undefined) throw new RangeError('the model has no best_iteration; it was not stopped early')
  return reader.integer(best, 'best_iteration', 0, all - 1) + 1
}

/** The trees of the rounds to use: each round has as many for each output. */
const selectTrees = (
  reader: DataReader,
  model: DataRecord,
  learner: DataRecord,
  outputs: number,
  rounds: number | 'best' | undefined,
): readonly unknown[] => {
  const trees = reader.list(model.trees, 'trees')
  const parameters = reader.record(model.gbtree_model_param ?? {}, 'gbtree_model_param')
  const parallel = reader.integer(parameters.num_parallel_tree ?? 1, 'num_parallel_tree', 0, 2 ** 31 - 1)
  const perRound = Math.max(1, parallel) * outputs
  const all = Math.ceil(trees.length / perRound)
  return trees.slice(0, countRounds(reader, learner, all, rounds) * perRound)
}

/**
 * Reads a model that XGBoost saved as JSON or UBJSON (`save_model('model.json')` or `.ubj`, from 1.3 on), with the
 * boosters gbtree and dart. Features
 * have XGBoost's names, or f0, f1, …; a categorical feature takes text if the file has the categories' names (from 3.1
 * on), else its codes as numbers. `binary:logistic`, `multi:softprob` and `multi:softmax` become classifiers, all else
 * regressors. Throws a RangeError for other objectives, several targets, and files that are damaged.
 */
export const importXgboost = (
  file: Uint8Array | string,
  options: XgboostImportOptions = {},
): TreeEnsembleModel => {
  const reader = createDataReader('XGBoost')
  const { learner, features, outputs, objective, baseScore } = readLearner(
    reader,
    parse(typeof file === 'string' ? encodeText(file) : file, reader),
  )
  const { model, weights } = readBooster(reader, learner.gradient_booster)
  const trees = selectTrees(reader, model, learner, outputs, options.rounds)
  const treeOutput = Array.from(reader.numbers(model.tree_info, 'tree_info')).slice(0, trees.length)
  if (treeOutput.length < trees.length || (weights && weights.length < trees.length))
    reader.refuse(`tree_info or weight_drop is shorter than the ${trees.length} trees`)
  for (let tree = 0; tree < trees.length; tree += 1)
    if (!(treeOutput[tree] >= 0 && treeOutput[tree] < outputs))
      reader.refuse(`tree ${tree} belongs to output ${treeOutput[tree]} of ${outputs}`)
  const ensemble = packTrees(
    trees.map((tree, index) => readXgboostTree(reader, tree, `trees[${index}]`, weights?.[index] ?? 1)),
    {
      features,
      outputs,
      valuesPerLeaf: 1,
      treeOutput: Uint16Array.from(treeOutput),
      base: readBase(reader, baseScore, outputs, objective.toMargin),
      aggregate: 'sum',
      link: objective.link,
    },
    reader.refuse,
  )
  return makeTreeModel(
    objective.task,
    ensemble,
    readXgboostFeatures(reader, learner, model.cats, features),
    options,
  )
}
