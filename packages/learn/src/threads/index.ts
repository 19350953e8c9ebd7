export { type FitThreadOptions, fitInThreads } from './fit.ts'
export type { ThreadOptions } from './options.ts'
export { predictProbabilityInThreads } from './predict.ts'
export { fitForestClassifierInThreads } from './train.ts'
export {
  crossValidateInThreads,
  learningCurveInThreads,
  nestedCrossValidateInThreads,
} from './validate.ts'
