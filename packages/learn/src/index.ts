export { type ConstantBaseline, fitConstantBaseline, predictConstant } from './baselines/constant.ts'
export {
  fitGroupMeanBaseline,
  type GroupMeanBaseline,
  type GroupMeanOptions,
  predictGroupMean,
} from './baselines/group-mean.ts'
export { exportModel } from './export-model.ts'
export { fitForestClassifier } from './forest/fit.ts'
export { type ForestModel, listImportances } from './forest/model.ts'
export { modelFromBytes, modelToBytes } from './forest/model-bytes.ts'
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
export { type DummyClassifierOptions, dummyClassifier } from './learners/dummy/classifier.ts'
export { type DummyRegressorOptions, dummyRegressor } from './learners/dummy/regressor.ts'
export {
  type ElasticNetOptions,
  elasticNet,
  type LassoOptions,
  lasso,
} from './learners/linear/elastic-net.ts'
export { type LinearRegressionOptions, linearRegression } from './learners/linear/linear-regression.ts'
export { type RidgeOptions, ridge } from './learners/linear/ridge.ts'
export {
  type CalibrationBin,
  type CalibrationInTheLarge,
  type CalibrationOptions,
  calibrationCurve,
  calibrationInTheLarge,
  expectedCalibrationError,
} from './metrics/calibration.ts'
export { accuracy, type Confusion, confusionAt } from './metrics/confusion.ts'
export { brierScore, logLoss } from './metrics/probability-scores.ts'
export { rocAuc } from './metrics/roc-auc.ts'
export { exportOnnx } from './onnx/export.ts'
export type { ColumnSelector } from './pipeline/selector.ts'
export { type PipelineColumns, type PipelineOptions, pipeline } from './pipeline/spec.ts'
export { type StandardScaleOptions, standardScale } from './transformers/standard-scale.ts'
