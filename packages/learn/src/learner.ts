import type { Frame } from './frame.ts'
import type { Model, Prediction } from './model.ts'
import type { OnnxGraph, OnnxTensor } from './onnx/graph.ts'
import type { Target } from './target.ts'
import type { Team } from './team.ts'

/**
 * What to fit and how, as plain data: it can be stored, hashed, printed and posted to a worker. Each learner has
 * a function that makes its own, named and parametrised as in scikit-learn (`ridge({ alpha: 1 })`).
 */
export interface LearnerSpec {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Rows to learn from. */
export interface TrainingData {
  readonly frame: Frame
  /** Left out by learners that need none (k-means, isolation forest). */
  readonly target?: Target
  /** Finite, >= 0, one for each row; a weight of 2 is the row twice. Default: 1 each. */
  readonly weights?: Float64Array
}

/** Rows to learn from, and others to stop by. */
export interface FitData extends TrainingData {
  /** Rows that early stopping watches; they are not learnt from. */
  readonly validation?: TrainingData
}

/** The part of an AbortSignal that is needed; this package does without the libraries that type it. */
export interface StopSignal {
  throwIfAborted(): void
}

/** The mean loss after an iteration, as the learner's own objective has it. */
export interface IterationLoss {
  /** 1, 2, … */
  readonly iteration: number
  /** Over the rows learnt from, or some 50 000 of them evenly spread. */
  readonly training: number
  /** Over all validation rows. */
  readonly validation?: number
}

export interface FitOptions {
  /** Aborting ends the fit between two iterations; it throws the signal's reason. */
  readonly signal?: StopSignal
  /** Called after each finished piece (a tree, an iteration). */
  readonly onProgress?: (done: number, total: number) => void
  /** Called after each iteration by gradient boosting, alone or at the end of a pipeline; others have no such loss. */
  readonly onLoss?: (loss: IterationLoss) => void
  /** Threads to share the work with; the model does not depend on them. Default: the calling thread alone. */
  readonly team?: Team
}

/**
 * One way to learn. Every kind is listed once, in `learners.ts`; all else (pipelines, cross-validation, saving,
 * ONNX) goes through this. The rows have been checked when these are called: `fit` gets a frame with rows, a
 * target of its length and proper weights; `predict` gets the columns of `model.inputs`, in their order, with
 * categories numbered as in the model and -1 for those that it does not know (as they come in columns that are open).
 */
export interface LearnerKind<M extends Model = Model, S extends LearnerSpec = LearnerSpec> {
  readonly kind: S['kind']
  /**
   * Throws a RangeError that names the option or the column and the value, and a TypeError for a column of a kind
   * that the learner does not take.
   */
  fit(spec: S, data: FitData, options: FitOptions): M
  predict(model: M, frame: Frame): Prediction
  /** Throws a RangeError if what was read from a file could lead `predict` astray. */
  check(model: M): void
  /**
   * Adds the model to a graph. `inputs` has a tensor for each of `usedInputs(model.inputs)`, [rows, 1]: numbers and booleans as
   * float (NaN = missing), times as double (milliseconds, NaN = missing), categories as string ('' = missing; any
   * text may come). Returns, by task: label and probabilities (see `classOutputs`); prediction [rows, 1]; cluster
   * int64 [rows] and distances [rows, 1]; outlier (int64, 0 or 1) [rows] and scores [rows, 1].
   */
  toOnnx?(model: M, graph: OnnxGraph, inputs: readonly OnnxTensor[]): readonly OnnxTensor[]
}
