import { MlflowError } from '../mlflow-error.ts'
import { text, type WireType } from './types.ts'

export const experimentId: WireType<string> = {
  read(value, at) {
    const id = text.read(typeof value === 'number' ? String(value) : value, at)
    if (id === undefined || id === '' || /^\d+$/.test(id)) return id
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Invalid experiment ID '${id.slice(0, 100)}'. Experiment ID must be a valid integer.`,
    )
  },
}

/** The number of a model version, which is a text on the wire. */
export const versionNumber: WireType<number> = {
  read(value, at) {
    const number = text.read(value, at)
    if (number !== undefined && /^\d{1,9}$/.test(number)) return Number(number)
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Parameter '${at}' must be an integer, got '${String(value).slice(0, 100)}'.`,
    )
  },
}

export const viewType = {
  read(value: unknown): 'active' | 'deleted' | 'all' | undefined {
    return views.get(typeof value === 'number' ? String(value) : value)
  },
}

const views = new Map<unknown, 'active' | 'deleted' | 'all'>([
  ['ACTIVE_ONLY', 'active'],
  ['1', 'active'],
  ['DELETED_ONLY', 'deleted'],
  ['2', 'deleted'],
  ['ALL', 'all'],
  ['3', 'all'],
])

/** @param most the greatest number; MLflow's words for more differ between calls */
export function resultLimit(most: number): WireType<number> {
  return {
    read(value, at) {
      const number = typeof value === 'string' ? Number(value) : value
      const problem = (accepted: string) =>
        new MlflowError(
          'INVALID_PARAMETER_VALUE',
          `Invalid value ${JSON.stringify(value)} for parameter '${at}' supplied. It must be ${accepted}`,
        )
      if (typeof number !== 'number' || !Number.isInteger(number) || number < 1)
        throw problem('a positive integer')
      if (number > most) throw problem(`at most ${most}`)
      return number
    },
  }
}
