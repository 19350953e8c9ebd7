import type { CategoricalColumn } from '../../frame.ts'
import type { FitData } from '../../learner.ts'
import { resolveWeights } from '../target.ts'

/** For each user the items that he has to do with, and how much: a sparse matrix, row after row. */
export interface Interactions {
  /** User u is the entries from `offsets[u]` up to `offsets[u + 1]`. */
  readonly offsets: Uint32Array
  readonly items: Int32Array
  /** r > 0. */
  readonly strengths: Float64Array
}

interface Entries {
  readonly users: Int32Array
  readonly items: Int32Array
  readonly strengths: Float64Array
}

const toInteractions = ({ users, items, strengths }: Entries, userCount: number): Interactions => {
  const order = Uint32Array.from(users.keys()).sort((a, b) => users[a] - users[b] || items[a] - items[b])
  const offsets = new Uint32Array(userCount + 1)
  const kept = { items: [] as number[], strengths: [] as number[] }
  let previous = -1
  for (const entry of order) {
    const sameUser = previous !== -1 && users[previous] === users[entry]
    if (sameUser && items[previous] === items[entry])
      kept.strengths[kept.strengths.length - 1] += strengths[entry]
    else {
      kept.items.push(items[entry])
      kept.strengths.push(strengths[entry])
      offsets[users[entry] + 1] += 1
    }
    previous = entry
  }
  for (let user = 0; user < userCount; user += 1) offsets[user + 1] += offsets[user]
  return {
    offsets,
    items: Int32Array.from(kept.items),
    strengths: Float64Array.from(kept.strengths),
  }
}

const requireCategories = (data: FitData, role: string, name: string): CategoricalColumn => {
  const column = Object.hasOwn(data.frame.columns, name) ? data.frame.columns[name] : undefined
  if (!column)
    throw new TypeError(
      `alternatingLeastSquares: the frame has no column '${name}'; name the column of ${role}s by its option '${role}'`,
    )
  if (column.kind !== 'categorical')
    throw new TypeError(
      `column '${name}' is ${column.kind}; alternatingLeastSquares takes categorical ${role}s`,
    )
  const missing = column.codes.indexOf(-1)
  if (missing !== -1)
    throw new RangeError(
      `column '${name}' is missing in row ${missing}; alternatingLeastSquares needs every ${role}`,
    )
  return column
}

const readStrengths = (data: FitData): Float64Array => {
  const weights = resolveWeights(data)
  const { target } = data
  if (!target) return weights
  if (target.kind !== 'numbers')
    throw new TypeError(
      'alternatingLeastSquares learns from strengths (counts, durations); give it a target made by numberTarget(), or none',
    )
  const row = target.values.findIndex((value) => value < 0)
  if (row !== -1)
    throw new RangeError(`a strength must be >= 0; row ${row} of the target holds ${target.values[row]}`)
  return target.values.map((value, index) => value * weights[index])
}

/**
 * Who has to do with what, and how much: target × weight, 1 if there is no target, added up for rows of the same
 * user and item. Throws a TypeError for columns that are not there or not categorical, a RangeError for missing
 * categories and strengths below 0.
 */
export const readInteractions = (
  data: FitData,
  { user, item }: { readonly user: string; readonly item: string },
): { readonly byUser: Interactions; readonly byItem: Interactions } => {
  const other = Object.keys(data.frame.columns).find((name) => name !== user && name !== item)
  if (user === item) throw new RangeError(`alternatingLeastSquares needs two columns; both are '${user}'`)
  const users = requireCategories(data, 'user', user)
  const items = requireCategories(data, 'item', item)
  if (other !== undefined)
    throw new RangeError(`alternatingLeastSquares takes users and items alone; leave out column '${other}'`)
  const all = readStrengths(data)
  const rows = Uint32Array.from(all.keys()).filter((row) => all[row] > 0)
  if (rows.length === 0) throw new RangeError('all strengths are 0; nothing can be learnt')
  const entries = {
    users: Int32Array.from(rows, (row) => users.codes[row]),
    items: Int32Array.from(rows, (row) => items.codes[row]),
    strengths: Float64Array.from(rows, (row) => all[row]),
  }
  return {
    byUser: toInteractions(entries, users.categories.length),
    byItem: toInteractions(
      { ...entries, users: entries.items, items: entries.users },
      items.categories.length,
    ),
  }
}
