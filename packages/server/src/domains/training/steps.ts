import type { BuiltInStep } from '../pipelines/index.ts'
import {
  evaluateSignature,
  importModelSignature,
  registerModelSignature,
  trainSignature,
} from './signatures.ts'
import type { TrainingDeps } from './training-deps.ts'

/** The steps of this domain. Their code is loaded when one runs: a server only starts the processes that do it. */
export function trainingSteps(deps: TrainingDeps): BuiltInStep[] {
  return [
    {
      ...trainSignature,
      run: async (...call) => (await import('./train-step.ts')).trainStep(deps).run(...call),
    },
    {
      ...importModelSignature,
      run: async (...call) => (await import('./import/import-step.ts')).importModelStep(deps).run(...call),
    },
    {
      ...evaluateSignature,
      run: async (...call) => (await import('./evaluate-step.ts')).evaluateStep(deps).run(...call),
    },
    {
      ...registerModelSignature,
      run: async (...call) => (await import('./register-step.ts')).registerModelStep(deps).run(...call),
    },
  ]
}
