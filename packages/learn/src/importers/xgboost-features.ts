import { decodeText } from '../text.ts'
import type { DataReader, DataRecord } from './read-data.ts'
import type { ImportedFeature } from './tree-model.ts'

/** Names of categories: all of them in one run of bytes, or numbers. */
const readNames = (reader: DataReader, value: unknown, path: string): readonly string[] => {
  const { offsets, values } = reader.record(value, path)
  const items = reader.numbers(values ?? [], `${path}.values`)
  if (offsets === undefined) return Array.from(items, String)
  const ends = reader.numbers(offsets, `${path}.offsets`)
  // They are signed bytes in JSON.
  const bytes = Uint8Array.from(items, (byte) => byte & 255)
  return Array.from({ length: Math.max(0, ends.length - 1) }, (_, index) => {
    if (!(ends[index] >= 0 && ends[index] <= ends[index + 1] && ends[index + 1] <= bytes.length))
      reader.refuse(`${path}.offsets do not fit`)
    try {
      return decodeText(bytes.subarray(ends[index], ends[index + 1]))
    } catch {
      return reader.refuse(`${path} has a category that is not UTF-8`)
    }
  })
}

const isUsable = (names: readonly string[]): boolean =>
  names.length > 0 && !names.includes('') && new Set(names).size === names.length

/** The features of an XGBoost model: names, and the categories where the file names them. */
export const readXgboostFeatures = (
  reader: DataReader,
  learner: DataRecord,
  cats: unknown,
  count: number,
): readonly ImportedFeature[] => {
  const names = reader.list(learner.feature_names ?? [], 'feature_names')
  if (names.length !== 0 && names.length !== count)
    reader.refuse(`there are ${names.length} feature_names for ${count} features`)
  const encodings = cats === undefined ? [] : reader.list(reader.record(cats, 'cats').enc ?? [], 'cats.enc')
  // A number that is no memory: the trees test features below it, but none needs to be in the file by name.
  if (names.length === 0 && count > 2 ** 20) reader.refuse(`it has ${count} features without names`)
  return Array.from({ length: count }, (_, feature) => {
    const name = names.length === 0 ? `f${feature}` : reader.text(names[feature], `feature_names[${feature}]`)
    if (feature >= encodings.length) return { name }
    const categories = readNames(reader, encodings[feature], `cats.enc[${feature}]`)
    return isUsable(categories) ? { name, categories } : { name }
  })
}
