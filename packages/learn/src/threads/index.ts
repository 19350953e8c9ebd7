export { type FitThreadOptions, fitInThreads } from './fit.ts'
export type { ThreadOptions } from './options.ts'
export {
  crossValidateInThreads,
  learningCurveInThreads,
  nestedCrossValidateInThreads,
} from './validate.ts'
