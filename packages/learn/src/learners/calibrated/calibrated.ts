import { type FindLearner, fitWith, predictWith } from '../../fit-with.ts'
import type { Frame } from '../../frame.ts'
import type { FitData, FitOptions, LearnerKind, LearnerSpec, TrainingData } from '../../learner.ts'
import type { Classification, Model } from '../../model.ts'
import {
  choiceOption,
  flagOption,
  integerOption,
  makeSpec,
  type OptionRule,
  type OptionRules,
  resolveOptions,
} from '../../options.ts'
import { stratifiedKFoldKind } from '../../splits/k-fold.ts'
import { takeFrameRows, takeRows } from '../../take-rows.ts'
import type { ClassTarget } from '../../target.ts'
import { requireClasses, resolveWeights } from '../target.ts'
import { checkCalibrated } from './check-calibrated.ts'
import { type CurveRules, fitCurves } from './fit-curves.ts'
import {
  type CalibratedMember,
  type CalibratedModel,
  type CalibrationInput,
  type CalibrationMethod,
  calibrateProbabilities,
} from './model.ts'
import { calibratedToOnnx } from './to-onnx.ts'

export interface CalibrateOptions {
  /** Platt's logistic curve, or isotonic regression, which wants some 1000 rows. Default 'sigmoid'. */
  readonly method?: CalibrationMethod
  /**
   * What the logistic curve is a function of. Default 'logit', log(p / (1 - p)), which is what scikit-learn takes
   * of learners with a decision function; for others, such as forests, it takes 'probability'. The isotonic curve
   * is always one of the probability.
   */
  readonly input?: CalibrationInput
}
export interface CalibratedOptions extends CalibrateOptions {
  /** The classifier; it may be a pipeline. */
  readonly learner: LearnerSpec
  /** Stratified folds, rows as they come; every class needs as many rows. Default 5. */
  readonly folds?: number
  /**
   * true: a classifier for each fold, with the curve of its rows left out; their probabilities are averaged. false:
   * one classifier of all rows, with the curve of all predictions on rows left out. Default true.
   */
  readonly ensemble?: boolean
}
export interface CalibratedSpec extends LearnerSpec {
  readonly kind: 'calibrated'
}

const learnerOption: OptionRule<LearnerSpec> = (name, value) => {
  const spec = value as Partial<LearnerSpec> | null | undefined
  if (typeof spec !== 'object' || typeof spec?.kind !== 'string' || typeof spec.options !== 'object')
    throw new RangeError(`${name} must be a learner's specification, not ${JSON.stringify(value)}`)
  return spec as LearnerSpec
}

const curveRules: OptionRules<Required<CalibrateOptions>> = {
  method: choiceOption('sigmoid', ['sigmoid', 'isotonic']),
  input: choiceOption('logit', ['logit', 'probability']),
}
const rules: OptionRules<Required<CalibratedOptions>> = {
  ...curveRules,
  learner: learnerOption,
  folds: integerOption(5, 2, 1_000_000),
  ensemble: flagOption(true),
}

/**
 * A classifier whose probabilities are made to mean what they say, by curves from what it predicts for rows that it
 * has not seen to what happened to them; scikit-learn's CalibratedClassifierCV. Each class has its curve, against
 * the others. For a model that there is already see `calibrate`. Throws a RangeError for wrong options and for a
 * class of fewer rows than folds, and as the learner does.
 */
export const calibrated = (options: CalibratedOptions): CalibratedSpec =>
  makeSpec('calibrated', rules, options)

const toCurveRules = ({ method, input }: Required<CalibrateOptions>): CurveRules => ({
  method,
  input: method === 'isotonic' ? 'probability' : input,
})

const classify = (find: FindLearner, model: Model, frame: Frame): Classification => {
  const prediction = predictWith(find, model, frame)
  if (prediction.task !== 'classification')
    throw new TypeError(`calibrated takes a classifier; '${model.kind}' gives ${prediction.task}`)
  return prediction
}

const calibrateMember = (
  find: FindLearner,
  model: Model,
  held: TrainingData,
  curves: CurveRules,
): CalibratedMember => ({
  model,
  curves: fitCurves(
    classify(find, model, held.frame),
    requireClasses('calibrated', held),
    resolveWeights(held),
    curves,
  ),
})

const assemble = (members: readonly CalibratedMember[], { input }: CurveRules): CalibratedModel => {
  const [{ model }] = members
  if (model.output.task !== 'classification')
    throw new TypeError(`calibrated takes a classifier; '${model.kind}' gives ${model.output.task}`)
  return { kind: 'calibrated', inputs: model.inputs, output: model.output, input, members }
}

/** As `calibrate`, for learners of any list. */
export const calibrateWith = (
  find: FindLearner,
  model: Model,
  held: TrainingData,
  options: CalibrateOptions,
): CalibratedModel => {
  const curves = toCurveRules(resolveOptions('calibrate', curveRules, options))
  const target = requireClasses('calibrate', held)
  const known = model.output.task === 'classification' ? model.output.classes : []
  if (target.classes.length !== known.length || target.classes.some((label, code) => label !== known[code]))
    throw new RangeError('calibrate needs a target of the same classes as the model')
  return assemble([calibrateMember(find, model, held, curves)], curves)
}

const checkFolds = ({ codes, classes }: ClassTarget, folds: number): void => {
  const counts = new Uint32Array(classes.length)
  for (const code of codes) counts[code] += 1
  const short = counts.findIndex((count) => count > 0 && count < folds)
  if (short !== -1)
    throw new RangeError(
      `calibrated needs ${folds} rows of each class for ${folds} folds; class ${String(classes[short])} has ${counts[short]}`,
    )
}

interface Plan {
  readonly find: FindLearner
  readonly learner: LearnerSpec
  readonly folds: number
  readonly curves: CurveRules
}

const fitMembers = ({ find, learner, folds, curves }: Plan, data: FitData, options: FitOptions) => {
  const target = requireClasses('calibrated', data)
  checkFolds(target, folds)
  const splits = stratifiedKFoldKind.split({ nSplits: folds }, { rows: data.frame.rows, codes: target.codes })
  return splits.map(({ train, test }, done) => {
    const part = { ...takeRows(data, train), ...(data.validation && { validation: data.validation }) }
    const model = fitWith(find, learner, part, { signal: options.signal, team: options.team })
    options.onProgress?.(done + 1, folds + 1)
    return { member: calibrateMember(find, model, takeRows(data, test), curves), test }
  })
}

/** One classifier of all rows, and the curve of what the members predicted for the rows left out of them. */
const fitSingle = (plan: Plan, data: FitData, options: FitOptions): CalibratedMember => {
  const { find, learner, curves } = plan
  const target = requireClasses('calibrated', data)
  const count = target.classes.length
  const probabilities = new Float64Array(data.frame.rows * count)
  for (const { member, test } of fitMembers(plan, data, options)) {
    const held = classify(find, member.model, takeFrameRows(data.frame, test))
    test.forEach((row, place) => {
      probabilities.set(held.probabilities.subarray(place * count, (place + 1) * count), row * count)
    })
  }
  return {
    model: fitWith(find, learner, data, { signal: options.signal, team: options.team }),
    curves: fitCurves(
      { task: 'classification', classes: target.classes, probabilities },
      target,
      resolveWeights(data),
      curves,
    ),
  }
}

/** The kind of `calibrated`; `find` finds the learner within. */
export const makeCalibratedKind = (find: FindLearner): LearnerKind<CalibratedModel, CalibratedSpec> => ({
  kind: 'calibrated',
  fit(spec, data, options) {
    const resolved = resolveOptions('calibrated', rules, spec.options)
    const { learner, folds, ensemble } = resolved
    const plan: Plan = { find, learner, folds, curves: toCurveRules(resolved) }
    const members = ensemble
      ? fitMembers(plan, data, options).map(({ member }) => member)
      : [fitSingle(plan, data, options)]
    return assemble(members, plan.curves)
  },
  predict({ output, input, members }, frame) {
    const probabilities = new Float64Array(frame.rows * output.classes.length)
    for (const { model, curves } of members)
      calibrateProbabilities(classify(find, model, frame), curves, input).forEach((share, at) => {
        probabilities[at] += share / members.length
      })
    return { task: 'classification', classes: output.classes, probabilities }
  },
  check: (model) => checkCalibrated(find, model),
  toOnnx: (model, graph, inputs) => calibratedToOnnx(find, model, graph, inputs),
})
