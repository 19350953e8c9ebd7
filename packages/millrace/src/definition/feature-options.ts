import {
  type About,
  type ColumnType,
  type Outside,
  type Ranges,
  rangeProblem,
  type ValueOf,
  type ValueRange,
} from '@millrace/protocol'
import { compileDescribed, type Described } from './described.ts'

/** What there is to say of one feature: what it is, and which values it may have. */
export interface FeatureOptions<T extends ColumnType = ColumnType> extends Described {
  /** The least value that is inside. */
  readonly min?: T extends 'int64' | 'float64' | 'timestamp' ? ValueOf<T> : never
  /** The greatest value that is inside. */
  readonly max?: T extends 'int64' | 'float64' | 'timestamp' ? ValueOf<T> : never
  /** The values that are inside, in place of `min` and `max`. */
  readonly in?: readonly (T extends 'string' | 'int64' ? ValueOf<T> : never)[]
  /** A missing value is refused; else it is inside. */
  readonly notNull?: boolean
  /**
   * What becomes of a value that is not inside, in training and in serving alike: it is missing (`null`), the nearest end
   * stands for it (`clip`), or the training set or the request is refused (`refuse`). Default: `null`; `refuse` for
   * request features and with `notNull`.
   */
  readonly outside?: Outside
}

/** A feature before it has a name. */
export interface FeatureSpec {
  readonly type: ColumnType
  readonly options?: FeatureOptions
}

/**
 * What was said of features, in the form of a definition.
 * @param otherwise what becomes of values outside where nothing is said
 * @throws TypeError for a range that does not fit the type, or is none
 */
export function compileFeatureOptions(
  owner: string,
  features: Readonly<Record<string, FeatureSpec>>,
  otherwise: Outside = 'null',
): { about?: About; ranges?: Ranges } {
  const about: About = {}
  const ranges: Ranges = {}
  for (const [name, { type, options }] of Object.entries(features)) {
    if (!options) continue
    const at = `${owner}: feature "${name}"`
    const described = compileDescribed(at, options)
    if (Object.keys(described).length > 0) about[name] = described
    const range = compileRange(options, otherwise)
    if (!range) continue
    const problem = rangeProblem(type, range)
    if (problem) throw new TypeError(`${at}: ${problem}`)
    ranges[name] = range
  }
  return {
    ...(Object.keys(about).length > 0 && { about }),
    ...(Object.keys(ranges).length > 0 && { ranges }),
  }
}

function compileRange(options: FeatureOptions, otherwise: Outside): ValueRange | undefined {
  const { min, max, in: members, notNull = false, outside } = options
  if ([min, max, members, outside].every((one) => one === undefined) && !notNull) return undefined
  return {
    ...(min !== undefined && { min: endOf(min) }),
    ...(max !== undefined && { max: endOf(max) }),
    ...(members && { in: [...members] }),
    ...(notNull && { notNull }),
    outside: outside ?? (notNull ? 'refuse' : otherwise),
  }
}

function endOf(value: number | Date): number {
  return value instanceof Date ? value.getTime() : value
}
