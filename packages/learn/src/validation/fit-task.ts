import type { FindLearner } from '../fit-with.ts'
import { fitWith, predictWith } from '../fit-with.ts'
import type { LearnerSpec, StopSignal, TrainingData } from '../learner.ts'
import type { Prediction } from '../model.ts'
import { takeFrameRows, takeRows } from '../take-rows.ts'
import type { ClassTarget, Label, Target } from '../target.ts'

/** Fit on some rows, predict others: plain data, so that a worker can do it. */
export interface FitTask {
  readonly spec: LearnerSpec
  readonly train: Uint32Array
  /** Each list is predicted. */
  readonly predict: readonly Uint32Array[]
}

/** The predictions that a task asked for, in their order. */
export type TaskPredictions = readonly Prediction[]

/**
 * Work that needs fits: yields tasks, is given what they predict in the same order, and returns its result. The same
 * plan runs in this thread or in several.
 */
export type Plan<R> = Generator<readonly FitTask[], R, readonly TaskPredictions[]>

/** The target without the classes that no row has: what a fold lacks cannot be learnt from it. */
const dropUnusedClasses = ({ codes, classes }: ClassTarget): ClassTarget => {
  const isUsed = new Uint8Array(classes.length)
  for (const code of codes) isUsed[code] = 1
  const kept = classes.filter((_, code) => isUsed[code] === 1)
  if (kept.length === classes.length) return { kind: 'classes', codes, classes }
  const translated = classes.map((label) => kept.indexOf(label))
  return { kind: 'classes', classes: kept, codes: codes.map((code) => translated[code]) }
}

/** The prediction with all classes of the target; those that the fold did not have are given probability 0. */
const widen = (prediction: Prediction, classes: readonly Label[]): Prediction => {
  if (prediction.task !== 'classification' || prediction.classes.length === classes.length) return prediction
  const places = prediction.classes.map((label) => classes.indexOf(label))
  const rows = prediction.probabilities.length / places.length
  const probabilities = new Float64Array(rows * classes.length)
  for (let row = 0; row < rows; row += 1)
    places.forEach((place, at) => {
      probabilities[row * classes.length + place] = prediction.probabilities[row * places.length + at]
    })
  return { task: 'classification', classes, probabilities }
}

const prepareTarget = (target: Target | undefined): Target | undefined =>
  target?.kind === 'classes' ? dropUnusedClasses(target) : target

/** Fits and predicts. Throws as `fit` does. */
export const runFitTask = (
  find: FindLearner,
  { spec, train, predict }: FitTask,
  { data, signal }: { readonly data: TrainingData; readonly signal?: StopSignal },
): TaskPredictions => {
  const taken = takeRows(data, train)
  const model = fitWith(find, spec, { ...taken, target: prepareTarget(taken.target) }, { signal })
  const classes = data.target?.kind === 'classes' ? data.target.classes : []
  return predict.map((rows) => widen(predictWith(find, model, takeFrameRows(data.frame, rows)), classes))
}

export interface PlanOptions {
  /** Aborting ends the work between two fits, and within a fit where the learner can; it throws the signal's reason. */
  readonly signal?: StopSignal
  /** Called after each fit, with the number of all that are known to be needed by then. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Runs a plan in this thread. */
export const runPlan = <R>(
  plan: Plan<R>,
  data: TrainingData,
  { find, signal, onProgress }: PlanOptions & { readonly find: FindLearner },
): R => {
  let done = 0
  let total = 0
  let step = plan.next()
  while (!step.done) {
    total += step.value.length
    const predictions = step.value.map((task) => {
      signal?.throwIfAborted()
      const found = runFitTask(find, task, { data, signal })
      done += 1
      onProgress?.(done, total)
      return found
    })
    step = plan.next(predictions)
  }
  return step.value
}
