import { Type } from 'typebox'
import { FeastWireError } from './feast-error.ts'

/** Rows as columns, as Feast's clients send them. */
export const Frame = Type.Record(Type.String(), Type.Array(Type.Unknown()))
export type Frame = Record<string, unknown[]>

/**
 * The number of rows.
 * @throws FeastWireError if columns differ in it
 */
export function countRows(what: string, frame: Frame): number {
  const [first, ...others] = Object.entries(frame)
  if (!first) throw new FeastWireError('FeastError', `${what} has no columns`, 422)
  const [name, { length }] = first
  const odd = others.find(([, cells]) => cells.length !== length)
  if (odd) {
    const [other, cells] = odd
    throw new FeastWireError(
      'FeastError',
      `${what}: the column "${name}" has ${length} values and the column "${other}" has ${cells.length}`,
      422,
    )
  }
  return length
}
