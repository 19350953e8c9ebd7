import type { LearnerSpec, TrainingData } from '../learner.ts'
import {
  type CrossValidation,
  type CrossValidationOptions,
  planCrossValidation,
} from '../validation/cross-validation.ts'
import type { FitTask, Plan, TaskPredictions } from '../validation/fit-task.ts'
import {
  type LearningCurveOptions,
  type LearningCurvePoint,
  planLearningCurve,
} from '../validation/learning-curve.ts'
import {
  type NestedCrossValidation,
  type NestedCrossValidationOptions,
  planNestedCrossValidation,
} from '../validation/nested-cross-validation.ts'
import type { ValidationData } from '../validation/validation-data.ts'
import { createPieceCounter, type PieceCounter } from './next-piece.ts'
import { resolveThreads, type ThreadOptions } from './options.ts'
import { runPool, workerScript } from './pool.ts'
import { shareColumn } from './share-column.ts'

export interface ValidateWork {
  readonly tasks: readonly FitTask[]
  readonly data: TrainingData
  readonly counter: PieceCounter
}
export interface FinishedTask {
  readonly index: number
  readonly predictions: TaskPredictions
}

const shareFloats = (values: Float64Array): Float64Array => {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

const shareCodes = (codes: Int32Array): Int32Array => {
  const shared = new Int32Array(new SharedArrayBuffer(codes.byteLength))
  shared.set(codes)
  return shared
}

/** The rows in memory that workers share, copied once. */
const shareData = ({ frame, target, weights }: TrainingData): TrainingData => ({
  frame: {
    rows: frame.rows,
    columns: Object.fromEntries(
      Object.entries(frame.columns).map(([name, column]) => [name, shareColumn(column)]),
    ),
  },
  ...(target && {
    target:
      target.kind === 'classes'
        ? { ...target, codes: shareCodes(target.codes) }
        : { ...target, values: shareFloats(target.values) },
  }),
  ...(weights && { weights: shareFloats(weights) }),
})

const runPlanInThreads = async <R>(plan: Plan<R>, data: TrainingData, options: ThreadOptions): Promise<R> => {
  options.signal?.throwIfAborted()
  let step = plan.next()
  const shared = shareData(data)
  let done = 0
  let total = 0
  while (!step.done) {
    const tasks = step.value
    total += tasks.length
    const found = new Map<number, TaskPredictions>()
    const work: ValidateWork = { tasks, data: shared, counter: createPieceCounter() }
    await runPool({
      script: workerScript(new URL('./validate-worker.ts', import.meta.url)),
      data: work,
      threads: resolveThreads(options, tasks.length),
      signal: options.signal,
      onMessage(message) {
        const { index, predictions } = message as FinishedTask
        found.set(index, predictions)
        done += 1
        options.onProgress?.(done, total)
      },
    })
    step = plan.next(
      tasks.map((_, index) => {
        const predictions = found.get(index)
        if (!predictions)
          throw new Error(`fit ${index + 1} of ${tasks.length} did not arrive from the workers`)
        return predictions
      }),
    )
  }
  return step.value
}

/**
 * As `crossValidate`, with the fits in worker threads over shared columns; the result is the same to the last bit.
 * Rejects with what `crossValidate` throws, with the signal's reason when aborted, and with an Error if a worker dies.
 */
export const crossValidateInThreads = async (
  spec: LearnerSpec,
  data: ValidationData,
  options: CrossValidationOptions & ThreadOptions,
): Promise<CrossValidation> => runPlanInThreads(planCrossValidation(spec, data, options), data, options)

/** As `nestedCrossValidate`, in worker threads; see {@link crossValidateInThreads}. */
export const nestedCrossValidateInThreads = async (
  specs: readonly LearnerSpec[],
  data: ValidationData,
  options: NestedCrossValidationOptions & ThreadOptions,
): Promise<NestedCrossValidation> =>
  runPlanInThreads(planNestedCrossValidation(specs, data, options), data, options)

/** As `learningCurve`, in worker threads; see {@link crossValidateInThreads}. */
export const learningCurveInThreads = async (
  spec: LearnerSpec,
  data: ValidationData,
  options: LearningCurveOptions & ThreadOptions,
): Promise<LearningCurvePoint[]> => runPlanInThreads(planLearningCurve(spec, data, options), data, options)
