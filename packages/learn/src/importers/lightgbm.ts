import type { TreeEnsemble } from '../trees/ensemble.ts'
import { readLightgbmTree, type TreeLines } from './lightgbm-tree.ts'
import { packTrees } from './pack-trees.ts'
import { refuseModel } from './read-data.ts'
import {
  type ImportedFeature,
  makeTreeModel,
  type TreeEnsembleModel,
  type TreeImportOptions,
} from './tree-model.ts'

const maxOutputs = 65_535

const refuse = (reason: string): never => refuseModel('LightGBM', reason)

interface Objective {
  readonly task: 'classification' | 'regression'
  readonly link: TreeEnsemble['link']
}
const number: Objective = { task: 'regression', link: 'identity' }
const positive: Objective = { task: 'regression', link: 'exp' }

/** LightGBM's objectives (https://lightgbm.readthedocs.io/en/stable/Parameters.html) that end in one of our links. */
const objectives: ReadonlyMap<string, Objective> = new Map([
  ['binary', { task: 'classification', link: 'logistic' }],
  ['multiclass', { task: 'classification', link: 'softmax' }],
  ['cross_entropy', { task: 'regression', link: 'logistic' }],
  ['regression', number],
  ['regression_l1', number],
  ['huber', number],
  ['fair', number],
  ['quantile', number],
  ['mape', number],
  ['lambdarank', number],
  ['rank_xendcg', number],
  ['custom', number],
  ['poisson', positive],
  ['gamma', positive],
  ['tweedie', positive],
])

const readLines = (lines: readonly string[]): TreeLines =>
  new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      if (at > 0) return [[line.slice(0, at), line.slice(at + 1)]]
      return line.trim() === '' ? [] : [[line.trim(), '']]
    }),
  )

/** The lines before the first tree, those of each tree, and the names of categories at the end. */
const splitFile = (text: string) => {
  const lines = text.split(/\r?\n/)
  if (lines[0].trim() !== 'tree') refuse("it does not begin with the line 'tree'")
  const end = lines.indexOf('end of trees')
  if (end < 0) refuse("it has no line 'end of trees'; is it complete?")
  const starts = lines.flatMap((line, index) => (index < end && line.startsWith('Tree=') ? [index] : []))
  return {
    header: readLines(lines.slice(1, starts[0] ?? end)),
    trees: starts.map((start, index) => readLines(lines.slice(start + 1, starts[index + 1] ?? end))),
    categories: lines
      .find((line) => line.startsWith('pandas_categorical:'))
      ?.slice('pandas_categorical:'.length),
  }
}

const readCount = (header: TreeLines, name: string, least: number, most: number): number => {
  const count = Number(header.get(name))
  return Number.isInteger(count) && count >= least && count <= most
    ? count
    : refuse(`${name} is ${header.get(name) ?? 'missing'}`)
}

const readObjective = (header: TreeLines): Objective & { readonly sigmoid: number } => {
  const [name, ...parameters] = (header.get('objective') ?? 'custom').trim().split(/\s+/)
  const objective =
    objectives.get(name) ??
    refuse(`its objective is '${name}'; there are ${[...objectives.keys()].join(', ')}`)
  if (parameters.includes('sqrt')) refuse('it predicts the square root (reg_sqrt); train without')
  const sigmoid = Number(
    parameters.find((part) => part.startsWith('sigmoid:'))?.slice('sigmoid:'.length) ?? 1,
  )
  return { ...objective, sigmoid: name === 'binary' ? sigmoid : 1 }
}

const parseCategories = (text: string | undefined): readonly (readonly string[])[] => {
  if (text === undefined) return []
  try {
    const lists: unknown = JSON.parse(text)
    if (!Array.isArray(lists)) return []
    return lists.map((list: unknown) => (Array.isArray(list) ? list.map(String) : []))
  } catch {
    return refuse('pandas_categorical is no JSON')
  }
}

const readFeatures = (header: TreeLines, categories: string | undefined): readonly ImportedFeature[] => {
  const count = readCount(header, 'max_feature_idx', 0, 2 ** 31 - 2) + 1
  const names = (header.get('feature_names') ?? '').trim().split(/\s+/)
  const infos = (header.get('feature_infos') ?? '').trim().split(/\s+/)
  if (names.length !== count || infos.length !== count)
    refuse(`it has ${names.length} feature_names and ${infos.length} feature_infos for ${count} features`)
  // Numbers have '[least:greatest]', features that never split 'none', categories a list of codes.
  const categorical = infos.flatMap((info, feature) =>
    info.startsWith('[') || info === 'none' ? [] : [feature],
  )
  const lists = parseCategories(categories)
  const known = lists.length === categorical.length && lists.every((list) => list.length > 0)
  return names.map((name, feature) => {
    const place = categorical.indexOf(feature)
    return known && place >= 0 ? { name, categories: lists[place] } : { name }
  })
}

/**
 * Reads LightGBM's text model (`save_model`, `model_to_string`; versions 3 and 4): numeric and categorical splits, all
 * three kinds of missing values, gbdt, dart and random forests. Features have LightGBM's names; a categorical one takes
 * text where the file has the names of its categories (a pandas frame was trained on), else its codes as numbers.
 * `binary` and `multiclass` become classifiers, all else regressors. Numbers are compared as float32; with
 * `zero_as_missing` only 0 itself is missing, not what is closer to it than 1e-35.
 * Throws a RangeError for other objectives, linear trees, and files that are damaged.
 */
export const importLightgbm = (text: string, options: TreeImportOptions = {}): TreeEnsembleModel => {
  const { header, trees, categories } = splitFile(text)
  const objective = readObjective(header)
  const outputs = readCount(header, 'num_tree_per_iteration', 1, maxOutputs)
  if (trees.length % outputs !== 0) refuse(`it has ${trees.length} trees for ${outputs} outputs`)
  const features = readFeatures(header, categories)
  // A forest's leaves are averaged over the trees of an output.
  const share = header.has('average_output') ? outputs / trees.length : 1
  const ensemble = packTrees(
    trees.map((lines, tree) => readLightgbmTree(lines, `tree ${tree}`, objective.sigmoid * share, refuse)),
    {
      features: features.length,
      outputs,
      valuesPerLeaf: 1,
      treeOutput: Uint16Array.from(trees, (_, tree) => tree % outputs),
      base: new Float64Array(outputs),
      aggregate: 'sum',
      link: objective.link,
    },
    refuse,
  )
  return makeTreeModel(objective.task, ensemble, features, options)
}
