import { checkInteger } from '../check-integer.ts'

/** scikit-learn's parameters and meanings; a default that differs from it is marked. */
export type ForestOptions = {
  /** Number of trees. Default 100. */
  readonly nEstimators?: number
  /** Longest path from root to leaf; null = no limit. Default 12 (scikit-learn: no limit). */
  readonly maxDepth?: number | null
  /** Fewest drawn rows in a leaf, a row drawn twice counting twice. Default 1. */
  readonly minSamplesLeaf?: number
  /** Features tried at a node: a count, or 'sqrt' or 'log2' of the number of features. Default 'sqrt'. */
  readonly maxFeatures?: 'sqrt' | 'log2' | number
  /** Rows drawn for a tree: a share (0, 1], as scikit-learn's float. Default 1. */
  readonly maxSamples?: number
  /** Draw with replacement; false = every tree sees every row. Default true. */
  readonly bootstrap?: boolean
  /** Any 32-bit integer; the same seed gives the same model to the last bit. Default 0. */
  readonly seed?: number
  /** Most bins of a feature, 2 … 255. Default 255 (scikit-learn's forest does not bin). */
  readonly maxBins?: number
  /** Weight of the prior in the mean of a category, in rows. Default 20. */
  readonly smoothing?: number
}

/** The options with every rule applied to a table of `rows` × `features`. */
export type ForestRules = {
  readonly nEstimators: number
  readonly maxDepth: number
  readonly minSamplesLeaf: number
  readonly maxFeatures: number
  readonly samples: number
  readonly bootstrap: boolean
  readonly seed: number
}

const resolveMaxFeatures = (option: 'sqrt' | 'log2' | number, features: number): number => {
  if (option === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(features)))
  if (option === 'log2') return Math.max(1, Math.floor(Math.log2(features)))
  return checkInteger('maxFeatures', option, [1, features])
}

/** Applies defaults and checks; throws a RangeError that names the option and the value. */
export const resolveOptions = (
  options: ForestOptions,
  { rows, features }: { readonly rows: number; readonly features: number },
): ForestRules => {
  const bootstrap = options.bootstrap ?? true
  const maxSamples = options.maxSamples ?? 1
  if (!(maxSamples > 0 && maxSamples <= 1))
    throw new RangeError(`maxSamples must be a share in (0, 1], not ${maxSamples}`)
  if (!bootstrap && maxSamples !== 1)
    throw new RangeError('maxSamples needs bootstrap: without it every tree sees every row')
  return {
    nEstimators: checkInteger('nEstimators', options.nEstimators ?? 100, [1, 10_000]),
    maxDepth:
      options.maxDepth === null ? Infinity : checkInteger('maxDepth', options.maxDepth ?? 12, [1, 1000]),
    minSamplesLeaf: checkInteger('minSamplesLeaf', options.minSamplesLeaf ?? 1, [1, 2 ** 31 - 1]),
    maxFeatures: resolveMaxFeatures(options.maxFeatures ?? 'sqrt', features),
    samples: Math.max(1, Math.round(rows * maxSamples)),
    bootstrap,
    seed: checkInteger('seed', options.seed ?? 0, [-(2 ** 31), 2 ** 32 - 1]),
  }
}
