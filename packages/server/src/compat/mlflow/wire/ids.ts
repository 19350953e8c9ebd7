import { MlflowError } from '../mlflow-error.ts'
import type { RequiredField } from './message.ts'
import { int64, text, type WireType } from './types.ts'

export const experimentId: WireType<string> = {
  read(value, at) {
    const id = text.read(typeof value === 'number' ? String(value) : value, at)
    if (id === undefined || id === '' || /^-?\d+$/.test(id)) return id
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
    if (number !== undefined && /^-?\d{1,9}$/.test(number)) return Number(number)
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

/** How many results are wanted, which has to be said: without it MLflow reads 0, which is too few. */
export function resultLimit(most: number): RequiredField<number> {
  const type: WireType<number> = {
    read(value, at) {
      const number = int64.read(value, at) ?? 0
      if (number >= 1 && number <= most) return number
      const accepted = number < 1 ? 'a positive integer' : `at most ${most}`
      throw new MlflowError(
        'INVALID_PARAMETER_VALUE',
        `Invalid value ${number} for parameter '${at}' supplied. It must be ${accepted}`,
      )
    },
  }
  return { required: type, unset: 0 }
}
