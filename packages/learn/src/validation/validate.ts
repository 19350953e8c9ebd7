import type { LearnerSpec } from '../learner.ts'
import { getLearnerKind } from '../learners.ts'
import { type CrossValidation, type CrossValidationOptions, planCrossValidation } from './cross-validation.ts'
import { type PlanOptions, runPlan } from './fit-task.ts'
import { type LearningCurveOptions, type LearningCurvePoint, planLearningCurve } from './learning-curve.ts'
import {
  type NestedCrossValidation,
  type NestedCrossValidationOptions,
  planNestedCrossValidation,
} from './nested-cross-validation.ts'
import type { ValidationData } from './validation-data.ts'

/**
 * Cross-validation: for each split, fits on its training rows and scores its test rows. Preprocessing belongs into the
 * specification (a pipeline), so that it learns from the training rows alone. A class that a fold has no rows of gets
 * probability 0. `@millrace/learn/threads` gives the same bits with folds in several threads.
 * Throws as `fit`, `makeSplits` and `evaluate`; a metric that a fold does not define is left out there, with a reason.
 */
export const crossValidate = (
  spec: LearnerSpec,
  data: ValidationData,
  options: CrossValidationOptions & PlanOptions,
): CrossValidation =>
  runPlan(planCrossValidation(spec, data, options), data, { ...options, find: getLearnerKind })

/**
 * Nested cross-validation (Stone 1974; Cawley & Talbot 2010): in each outer split, chooses one of the specifications by
 * cross-validation within the training rows, fits it on all of them, and scores the test rows, which had no part in the
 * choice. Throws as {@link crossValidate}, and a RangeError if `chooseBy` is undefined in every inner test.
 */
export const nestedCrossValidate = (
  specs: readonly LearnerSpec[],
  data: ValidationData,
  options: NestedCrossValidationOptions & PlanOptions,
): NestedCrossValidation =>
  runPlan(planNestedCrossValidation(specs, data, options), data, { ...options, find: getLearnerKind })

/**
 * Scores of test and training rows for growing numbers of rows to learn from: whether more rows would help. Throws as
 * {@link crossValidate}.
 */
export const learningCurve = (
  spec: LearnerSpec,
  data: ValidationData,
  options: LearningCurveOptions & PlanOptions,
): LearningCurvePoint[] =>
  runPlan(planLearningCurve(spec, data, options), data, { ...options, find: getLearnerKind })
