import type { LearnerSpec } from '@millrace/learn'
import { t } from '../definition/column.ts'
import type { Dataset } from '../definition/dataset.ts'
import { type Duration, parseDuration } from '../definition/duration.ts'
import type { Endpoint } from '../definition/endpoint.ts'
import type { FeatureService } from '../definition/feature-service.ts'
import { checkName } from '../definition/names.ts'
import type { MemberName } from '../definition/split.ts'
import type { TrainingSet } from '../definition/training-set.ts'
import { addNode, type NodeOptions, type OutputHandles } from './graph.ts'
import { type Handle, type Input, ref } from './value.ts'

/** The main output of a step, with the others as its members. */
type Result<M, O> = M & Readonly<O>

function withMain<M extends Handle, O extends object>(main: M, outputs: O): Result<M, O> {
  return Object.assign({ ...main }, outputs)
}

/** Registers a version of a dataset and checks its expectations; a failed one fails the step. */
export function ingest(
  inputs: {
    dataset: Dataset
    /** File to read in place of the dataset's source. */
    path?: Input<'string'>
  },
  options?: NodeOptions,
) {
  const outputs = { version: ref.datasetVersion(), rows: t.int64() }
  const { dataset, path } = inputs
  const made = addNode({
    step: 'ingest',
    inputs: { dataset: dataset.name, path },
    outputs,
    options,
    uses: [dataset],
  })
  return withMain(made.version, made)
}

/** A training set in a pipeline; knows the type of its rows. */
export interface TrainingSetHandle<R = unknown> extends Handle<'training-set'> {
  /** Only a type: no value is there. */
  readonly '~row'?: R
}

/** Builds the rows of a training set with `from <= timestamp < until`; of a set with a split its members, too. */
export function buildTrainingSet<R, M extends MemberName = never>(
  inputs: {
    set: TrainingSet<R, M>
    version: Handle<'dataset-version'>
    from: Input<'timestamp'>
    until: Input<'timestamp'>
  },
  options?: NodeOptions,
) {
  const { set, ...rest } = inputs
  const members = Object.fromEntries(set.members.map((member) => [member, ref.trainingSet()]))
  const outputs = { ...members, data: ref.trainingSet(), rows: t.int64() }
  const made = addNode({
    step: 'build-training-set',
    inputs: { set: set.name, ...rest },
    outputs,
    options,
    uses: [set],
  })
  const data: TrainingSetHandle<R> = made.data
  return withMain(data, { ...(made as unknown as Record<M, TrainingSetHandle<R>>), data, rows: made.rows })
}

/** How rows are split into those to learn from and those to test on, several times over. */
export type CrossValidation =
  /** Each test is later than the rows learnt from, by at least the gap. */
  | { kind: 'time'; splits?: number; gap?: Duration }
  /** Every class in the same share in each test. */
  | { kind: 'stratified'; splits?: number }
  /** Rows with the same value in a column are never on both sides. */
  | { kind: 'group'; splits?: number; by: string }

/**
 * Trains a learner of `millrace/learn` and logs it to a run of the experiment. The label of the training set must be
 * what the learner learns: a number for a regressor; a text, a flag or a number for a classifier; none is needed for
 * clusters, anomalies and recommendations.
 */
export function train(
  inputs: {
    data: TrainingSetHandle
    experiment: string
    learner: LearnerSpec | Handle<'json'>
    /**
     * Rows that are not learnt from: the last share of the data by time (0 – 0.5), or another training set of later
     * rows. The model is measured on them, and gradient boosting ends when they get no better.
     */
    validation?: number | TrainingSetHandle
    /**
     * Measures the learner by cross-validation, too, with as many iterations as validation rows let boosting make.
     * 5 splits unless it says otherwise.
     */
    crossValidation?: CrossValidation
    /** Default: as many as the machine runs at once. The model does not depend on it. */
    threads?: Input<'int64'>
  },
  options?: NodeOptions,
) {
  const outputs = { model: ref.model(), runId: t.string() }
  const { validation, crossValidation, ...rest } = inputs
  const made = addNode({
    step: 'train',
    inputs: {
      ...rest,
      ...(typeof validation === 'number' ? { validationShare: validation } : { validation }),
      crossValidation: crossValidation && withMilliseconds(crossValidation),
    },
    outputs,
    options,
  })
  return withMain(made.model, made)
}

function withMilliseconds(how: CrossValidation): unknown {
  if (how.kind !== 'time' || how.gap === undefined) return how
  return { ...how, gap: parseDuration(how.gap, 'crossValidation: gap') }
}

/**
 * Takes a model that was trained elsewhere, in Python for one, and logged with MLflow's client: an ONNX graph, or a model
 * of XGBoost or LightGBM. Its columns are found by their names among the features of the training set, its classes are
 * those of the label.
 */
export function importModel(
  inputs: {
    /** `runs:/<run>/<name>`, `models:/<name>/<version>`, `models:/<name>@<alias>` or `models:/m-…`. */
    from: Input<'string'>
    /** What it learnt from. Default: what the tag `millrace.training_set` of its run says. */
    data?: TrainingSetHandle
    /** Default: that of the run that it is of. */
    experiment?: string
    /** Only needed for a graph that could be for either. */
    task?: 'classification' | 'regression'
  },
  options?: NodeOptions,
) {
  const outputs = { model: ref.model(), runId: t.string() }
  const made = addNode({ step: 'import-model', inputs: { ...inputs }, outputs, options })
  return withMain(made.model, made)
}

/** Bounds of a metric, both included. */
export interface Limits {
  min?: number
  max?: number
}

/**
 * When a model may be used, for any task: every part that is given must hold. Metrics are called as in `@millrace/learn`:
 * `rocAuc`, `logLoss`, `accuracy`, `rootMeanSquaredError`, `r2`. `R` is a row of the training set.
 */
export interface Gate<R = Record<string, unknown>> {
  /** Each metric within its limits. */
  metrics?: Readonly<Record<string, Limits>>
  /** Better than what can be had without a model: the rates of the classes, or the mean, of the training data. */
  baseline?: {
    /** Columns whose groups give another baseline: rates or mean of the group in the past, smoothed. */
    groupBy?: readonly (keyof R & string)[]
    /** By how much each metric must be better than that of every baseline, whichever way it is better. */
    margins: Readonly<Record<string, number>>
  }
  /** Better than the model in place, by a paired comparison of the loss of each row. Needs the input `champion`. */
  champion?: {
    /** One-sided significance, 0.0001 – 0.25. */
    alpha: number
    /** With it, it is enough that the mean loss is surely not this much higher, in the unit of the loss. */
    nonInferiorityMargin?: number
    /** Default: `logLoss` of classes, `meanSquaredError` of numbers. */
    metric?: 'logLoss' | 'brierScore' | 'meanSquaredError' | 'meanAbsoluteError'
  }
  /** Each metric within its limits in every slice of the rows. */
  slices?: {
    /** Columns: each category or flag is a slice, and each quarter of a number's or time's values. */
    by: readonly (keyof R & string)[]
    /** Slices of fewer rows are not judged. Default: 30. */
    minimumRows?: number
    metrics: Readonly<Record<string, Limits>>
  }
}

/**
 * Measures a model on data it has not seen and decides if it may be used. A model that may not is no failure.
 * @throws TypeError for an empty gate, and for a champion or training data that no part of the gate has use for.
 */
export function evaluate<R>(
  inputs: {
    model: Handle<'model'>
    data: TrainingSetHandle<R>
    gate: Gate<NoInfer<R>>
    /** What the gate's baselines learn from. Default: what the model learnt from. */
    trainingData?: TrainingSetHandle<R>
    /** The model that the gate's `champion` is about, e.g. `late-flights@champion`; it need not exist yet. */
    champion?: Input<'string'>
    /** Columns by which the scores are given in slices, worst first. */
    slices?: readonly (keyof NoInfer<R> & string)[]
    /**
     * What each outcome of one row costs, in any unit, right ones 0 unless given: the evaluation then says above which
     * probability of the second of two classes it costs least to act.
     */
    costs?: { falsePositive: number; falseNegative: number; truePositive?: number; trueNegative?: number }
  },
  options?: NodeOptions,
) {
  const outputs = { evaluation: ref.evaluation(), passed: t.boolean(), reason: t.string() }
  checkGate(inputs)
  const made = addNode({ step: 'evaluate', inputs: { ...inputs }, outputs, options })
  return withMain(made.evaluation, made)
}

function checkGate({
  gate,
  champion,
  trainingData,
}: {
  gate: object
  champion?: unknown
  trainingData?: unknown
}) {
  const parts = new Map(Object.entries(gate).filter(([, part]) => part !== undefined))
  if (parts.size === 0)
    throw new TypeError(
      'evaluate: an empty gate lets every model pass; give metrics, baseline, champion or slices',
    )
  if (parts.has('champion') !== (champion !== undefined))
    throw new TypeError(
      "evaluate: the input champion names whom the gate's champion is about; give both or neither",
    )
  if (trainingData !== undefined && !parts.has('baseline'))
    throw new TypeError("evaluate: trainingData is for the gate's baseline, which is not there; leave it out")
}

/**
 * Registers a model under a name: ready to be served if its evaluation passed, else rejected with the reason. A model
 * that learnt without a label has none, and is ready at once.
 */
export function registerModel(
  inputs: { model: Handle<'model'>; evaluation?: Handle<'evaluation'>; name: string },
  options?: NodeOptions,
) {
  checkName('registered model', inputs.name)
  const made = addNode({
    step: 'register-model',
    inputs: { ...inputs },
    outputs: { version: ref.modelVersion() },
    options,
  })
  return withMain(made.version, made)
}

/**
 * Compares the features that an endpoint's models were given with those that training would have had at the same time,
 * for the logged predictions with `from <= time < until`. A difference is no failure; `consistent` says whether any
 * feature differs in more than the tolerated share of the reads (0.01 unless given). `sample`: share of the keys.
 */
export function checkConsistency(
  inputs: {
    endpoint: Endpoint
    from: Input<'timestamp'>
    until: Input<'timestamp'>
    sample?: Input<'float64'>
    tolerated?: Input<'float64'>
  },
  options?: NodeOptions,
) {
  const { endpoint, ...rest } = inputs
  const outputs = { consistent: t.boolean(), check: ref.json() }
  const step = 'check-consistency'
  const made = addNode({
    step,
    inputs: { endpoint: endpoint.name, ...rest },
    outputs,
    options,
    uses: [endpoint],
  })
  return withMain(made.consistent, made)
}

/**
 * The same for the logged online reads of a feature service (`logReads`), whoever asked for them.
 */
export function checkReads(
  inputs: {
    service: FeatureService
    from: Input<'timestamp'>
    until: Input<'timestamp'>
    sample?: Input<'float64'>
    tolerated?: Input<'float64'>
  },
  options?: NodeOptions,
) {
  const { service, ...rest } = inputs
  const outputs = { consistent: t.boolean(), check: ref.json() }
  const made = addNode({
    step: 'check-reads',
    inputs: { service: service.name, ...rest },
    outputs,
    options,
    uses: [service],
  })
  return withMain(made.consistent, made)
}

/** Deploys a model version to an endpoint: at once if it is the first, else by the endpoint's canary steps. */
export function release(
  inputs: { model: Handle<'model-version'>; endpoint: Endpoint },
  options?: NodeOptions,
): OutputHandles<{ revision: { type: 'int64' } }> {
  const { model, endpoint } = inputs
  return addNode({
    step: 'release',
    inputs: { model, endpoint: endpoint.name },
    outputs: { revision: t.int64() },
    options,
    uses: [endpoint],
  })
}
