export { fitForestClassifier } from './forest/fit.ts'
export { type ForestModel, listImportances } from './forest/model.ts'
export type { ForestOptions } from './forest/options.ts'
export { predictProbability } from './forest/predict.ts'
export {
  type CategoricalColumn,
  type Column,
  categoricalColumn,
  createFrame,
  type Frame,
  type NumericColumn,
  numericColumn,
  selectColumns,
} from './frame.ts'
