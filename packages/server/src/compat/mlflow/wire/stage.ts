import type { Stage } from '../../../domains/registry/index.ts'
import { MlflowError } from '../mlflow-error.ts'
import { text, type WireType } from './types.ts'

const stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived']

/** A stage in any case. */
export const stage: WireType<Stage> = {
  read(value, at) {
    const given = text.read(value, at)
    const found = stages.find((one) => one.toLowerCase() === given?.toLowerCase())
    if (found !== undefined) return found
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Invalid Model Version stage: ${given}. Value must be one of ${stages.join(', ')}.`,
    )
  },
}
