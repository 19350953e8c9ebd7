import { type About, type Ranges, rangeProblem, type Schema } from '@millrace/protocol'

/** Checks what is said of features: they exist, and the ranges fit their types. */
export function checkFeatureOptions(
  features: Schema,
  { about = {}, ranges = {} }: { about?: About; ranges?: Ranges },
  refuse: (reason: string) => Error,
): void {
  const known = Object.keys(features).join(', ') || 'none'
  for (const [field, entries] of Object.entries({ about, ranges })) {
    const stranger = Object.keys(entries).find((name) => !Object.hasOwn(features, name))
    if (stranger !== undefined) throw refuse(`${field} names the feature "${stranger}"; there are ${known}`)
  }
  for (const [name, range] of Object.entries(ranges)) {
    const problem = rangeProblem(features[name], range)
    if (problem) throw refuse(`the range of feature "${name}": ${problem}`)
  }
}
