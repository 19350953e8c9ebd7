import type { ColumnKind, Frame } from '../frame.ts'

/**
 * Which columns: those of a name, of names, or of a kind. Of a kind are only those that no selector names, nor
 * `except` does; without `kind` it is all of them.
 */
export type ColumnSelector =
  | string
  | readonly string[]
  | { readonly kind?: ColumnKind | readonly ColumnKind[]; readonly except?: readonly string[] }

const kinds: readonly unknown[] = ['numeric', 'categorical', 'boolean', 'timestamp']

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')

/** Throws a RangeError that says what is wrong with a selector. */
export const checkSelector = (selector: unknown): ColumnSelector => {
  const refuse = (): never => {
    throw new RangeError(
      `pipeline's columns: expected a name, a list of names or { kind, except }, not ${JSON.stringify(selector)}`,
    )
  }
  if (typeof selector === 'string' || isNames(selector)) return selector
  if (typeof selector !== 'object' || selector === null || Array.isArray(selector)) return refuse()
  const { kind, except, ...others } = selector as { kind?: unknown; except?: unknown }
  if (Object.keys(others).length > 0 || !(except === undefined || isNames(except))) return refuse()
  if (kind !== undefined && ![kind].flat().every((one) => kinds.includes(one))) return refuse()
  return selector as ColumnSelector
}

const namesIn = (selector: ColumnSelector): readonly string[] | undefined =>
  typeof selector === 'string' ? [selector] : isNames(selector) ? selector : undefined

/** The names that the selectors name themselves. */
export const namedColumns = (selectors: readonly ColumnSelector[]): Set<string> =>
  new Set(selectors.flatMap((selector) => namesIn(selector) ?? []))

/** The columns of a selector, in their order. Throws a RangeError for a name that the frame lacks or that is given twice. */
export const selectNames = (selector: ColumnSelector, frame: Frame, named: ReadonlySet<string>): string[] => {
  const given = namesIn(selector)
  if (given) {
    const lacking = given.find((name) => !Object.hasOwn(frame.columns, name))
    if (lacking !== undefined)
      throw new RangeError(`pipeline's columns: the frame has no column '${lacking}'`)
    const twice = given.find((name, index) => given.indexOf(name) !== index)
    if (twice !== undefined) throw new RangeError(`pipeline's columns: '${twice}' is selected twice at once`)
    return [...given]
  }
  const { kind, except = [] } = selector as Exclude<ColumnSelector, string | readonly string[]>
  const wanted = kind === undefined ? kinds : [kind].flat()
  return Object.entries(frame.columns)
    .filter(([name, column]) => wanted.includes(column.kind) && !named.has(name) && !except.includes(name))
    .map(([name]) => name)
}
