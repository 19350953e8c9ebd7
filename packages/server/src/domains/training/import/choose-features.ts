import type { LoadedTrainingSet } from '../../features/index.ts'
import { featuresOf, type NamedColumn } from '../training-data.ts'
import type { Refuse } from './import-error.ts'

/** What names the model's inputs, as far as anything does. */
export interface InputNames {
  /** How many columns the model takes; undefined if it does not say. */
  count: number | undefined
  /** In the model's own file. */
  own: readonly string[] | undefined
  /** In the signature that was logged with it, if that has columns and not only tensors. */
  signature: readonly string[] | undefined
}

/** Names that libraries give to columns that came without. */
const madeUp = /^(f|x|Column_)\d+$/

/**
 * The features of the training set that a model takes, in the model's order: by the names in its file, else by those of
 * its signature, and of a model without any name all features in the order of the training set.
 * @throws what `refuse` makes of names that are no features, and of another number of columns
 */
export function chooseFeatures(set: LoadedTrainingSet, names: InputNames, refuse: Refuse): NamedColumn[] {
  const known = featuresOf(set)
  const count = names.count ?? names.own?.length ?? names.signature?.length ?? known.length
  const byName = new Map(known.map((feature) => [feature.name, feature]))
  const given = [names.own?.every((name) => madeUp.test(name)) ? undefined : names.own, names.signature]
  for (const list of given) {
    if (list?.length === count && list.every((name) => byName.has(name))) {
      return list.map((name) => byName.get(name) as NamedColumn)
    }
  }
  const [named] = given.filter((list) => list !== undefined)
  if (!named && known.length === count) return known
  const features = known.map(({ name }) => name).join(', ')
  if (!named) {
    throw refuse(
      `it takes ${count} columns without names, and the training set "${set.manifest.name}" has the ${known.length} features ${features}; log it with a signature of columns, infer_signature(X, …) of a data frame`,
    )
  }
  if (named.length !== count) {
    throw refuse(`its signature names ${named.length} columns (${named.join(', ')}), but it takes ${count}`)
  }
  const unknown = named.filter((name) => !byName.has(name))
  throw refuse(
    `it takes ${unknown.map((name) => whatIs(set, name)).join(', ')}; the features of the training set "${set.manifest.name}" are ${features}. What is made of them has to be part of the model, or a feature of its own`,
  )
}

/** Other columns of the training set are not there when an endpoint is asked. */
function whatIs({ manifest }: LoadedTrainingSet, name: string): string {
  if (name === manifest.label) return `"${name}", which is the label`
  return manifest.columns.some((column) => column.name === name)
    ? `"${name}", which is no feature`
    : `"${name}", which is not there`
}
