export { calibrate } from './calibrate.ts'
export type { GridOptions, GridValue } from './explanation/column-grid.ts'
export { countTreeNodes } from './explanation/count-tree-nodes.ts'
export { explain } from './explanation/explain.ts'
export { type GainImportance, gainImportances } from './explanation/gain-importances.ts'
export {
  type PartialDependence,
  type PartialDependenceOptions,
  partialDependence,
} from './explanation/partial-dependence.ts'
export {
  type PermutationImportance,
  type PermutationImportanceOptions,
  permutationImportance,
} from './explanation/permutation-importance.ts'
export {
  type FeatureImportance,
  type ShapValues,
  shapImportance,
  shapValues,
} from './explanation/shap.ts'
export { exportModel } from './export-model.ts'
export { fit, predict } from './fit.ts'
export {
  booleanColumn,
  type CategoricalColumn,
  type Column,
  categoricalColumn,
  createFrame,
  type Frame,
  type NumericColumn,
  numericColumn,
  selectColumns,
  timestampColumn,
} from './frame.ts'
export { importLightgbm } from './importers/lightgbm.ts'
export { importOnnxTrees } from './importers/onnx.ts'
export type { TreeEnsembleModel, TreeImportOptions } from './importers/tree-model.ts'
export { importXgboost, type XgboostImportOptions } from './importers/xgboost.ts'
export type { FitData, IterationLoss, LearnerSpec, TrainingData } from './learner.ts'
export { finalLearner, learnerTask } from './learner-task.ts'
export {
  type AlternatingLeastSquaresOptions,
  alternatingLeastSquares,
} from './learners/alternating-least-squares/alternating-least-squares.ts'
export {
  type RecommendOptions,
  recommend,
  type ScoredItem,
  similarItems,
} from './learners/alternating-least-squares/recommend.ts'
export {
  type CalibratedOptions,
  type CalibrateOptions,
  calibrated,
} from './learners/calibrated/calibrated.ts'
export { type DummyClassifierOptions, dummyClassifier } from './learners/dummy/classifier.ts'
export { type DummyRegressorOptions, dummyRegressor } from './learners/dummy/regressor.ts'
export {
  extraTreesClassifier,
  type ForestClassifierOptions,
  randomForestClassifier,
} from './learners/forest/classifier.ts'
export { extraTreesRegressor, randomForestRegressor } from './learners/forest/regressor.ts'
export {
  type GradientBoostingClassifierOptions,
  gradientBoostingClassifier,
} from './learners/gradient-boosting/classifier.ts'
export {
  type GradientBoostingRegressorOptions,
  gradientBoostingRegressor,
} from './learners/gradient-boosting/regressor.ts'
export { type IsolationForestOptions, isolationForest } from './learners/isolation-forest/isolation-forest.ts'
export { type KMeansOptions, kMeans } from './learners/k-means/k-means.ts'
export { kNeighborsClassifier } from './learners/k-neighbors/classifier.ts'
export type { KNeighborsOptions } from './learners/k-neighbors/k-neighbors.ts'
export { kNeighborsRegressor } from './learners/k-neighbors/regressor.ts'
export {
  type ElasticNetOptions,
  elasticNet,
  type LassoOptions,
  lasso,
} from './learners/linear/elastic-net.ts'
export { type LinearRegressionOptions, linearRegression } from './learners/linear/linear-regression.ts'
export { type RidgeOptions, ridge } from './learners/linear/ridge.ts'
export { type LinearFunction, listCoefficients } from './learners/list-coefficients.ts'
export {
  type LogisticRegressionOptions,
  logisticRegression,
} from './learners/logistic/logistic-regression.ts'
export { type BootstrapInterval, type BootstrapOptions, bootstrap } from './metrics/bootstrap.ts'
export {
  type CalibrationBin,
  type CalibrationInTheLarge,
  type CalibrationOptions,
  calibrationCurve,
  calibrationInTheLarge,
  expectedCalibrationError,
} from './metrics/calibration.ts'
export {
  type AverageOptions,
  accuracy,
  balancedAccuracy,
  type FBetaOptions,
  f1,
  fBeta,
  matthewsCorrelation,
  precision,
  recall,
} from './metrics/class-scores.ts'
export {
  type Confusion,
  type ConfusionMatrix,
  confusionAt,
  confusionMatrix,
} from './metrics/confusion.ts'
export { type EvaluateOptions, evaluate, type MetricChoice, metric, type Scores } from './metrics/evaluate.ts'
export type { MetricSpec } from './metrics/metric.ts'
export { multiclassRocAuc } from './metrics/multiclass-roc-auc.ts'
export {
  averagePrecision,
  type PrecisionRecallCurve,
  precisionRecallCurve,
} from './metrics/precision-recall.ts'
export {
  brierScore,
  logLoss,
  multiclassBrierScore,
  multiclassLogLoss,
} from './metrics/probability-scores.ts'
export {
  meanAveragePrecision,
  meanReciprocalRank,
  ndcg,
  precisionAtK,
  type RankingOptions,
  recallAtK,
} from './metrics/ranking.ts'
export {
  explainedVariance,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanPoissonDeviance,
  meanSquaredError,
  medianAbsoluteError,
  pinballLoss,
  r2,
  rootMeanSquaredError,
} from './metrics/regression.ts'
export { type RocCurve, rocAuc, rocCurve } from './metrics/roc-auc.ts'
export { metricDirection, type RowLossMetric, rowLosses, rowLossMetrics } from './metrics/row-losses.ts'
export { evaluateSlices, type Slice, type SliceCondition, type SliceOptions } from './metrics/slices.ts'
export { type ChosenThreshold, chooseThreshold, type ThresholdOptions } from './metrics/threshold.ts'
export { UndefinedMetricError } from './metrics/undefined-metric.ts'
export {
  type Classification,
  likeliestClasses,
  type Model,
  type ModelInput,
  type ModelOutput,
  type Prediction,
  type Regression,
  usedInputs,
} from './model.ts'
export type { ColumnSelector } from './pipeline/selector.ts'
export { type PipelineColumns, type PipelineOptions, pipeline } from './pipeline/spec.ts'
export {
  type NamedCalibrationCurve,
  type NamedPrecisionRecallCurve,
  type NamedRocCurve,
  plotCalibration,
  plotPrecisionRecall,
  plotRoc,
} from './plots/classification-curves.ts'
export { type CoefficientPlotOptions, plotCoefficients } from './plots/coefficient-plot.ts'
export { plotConfusion } from './plots/confusion-plot.ts'
export { type ImportancePlotOptions, type NamedImportance, plotImportance } from './plots/importance-plot.ts'
export { plotLearningCurve } from './plots/learning-curve-plot.ts'
export { plotLoss } from './plots/loss-curve-plot.ts'
export { type PartialDependencePlotOptions, plotPartialDependence } from './plots/partial-dependence-plot.ts'
export type { PlotSpec } from './plots/plot.ts'
export { plotResiduals, type ResidualPlotOptions } from './plots/residual-plot.ts'
export { plotShapSummary, type ShapSummaryOptions } from './plots/shap-summary-plot.ts'
export { modelFromBytes, modelToBytes } from './saving/model-bytes.ts'
export { type GroupKFoldOptions, groupKFold, stratifiedGroupKFold } from './splits/group-k-fold.ts'
export {
  type HoldOutOptions,
  holdOut,
  type StratifiedHoldOutOptions,
  stratifiedHoldOut,
} from './splits/hold-out.ts'
export { type KFoldOptions, kFold, stratifiedKFold } from './splits/k-fold.ts'
export { makeSplits } from './splits/make-splits.ts'
export type { Split, SplitRows, SplitSpec } from './splits/split.ts'
export { type TimeSeriesSplitOptions, timeSeriesSplit } from './splits/time-series-split.ts'
export { takeFrameRows, takeRows } from './take-rows.ts'
export {
  type ClassTarget,
  classTarget,
  type Label,
  type NumberTarget,
  numberTarget,
  type Target,
} from './target.ts'
export { fitTransform, transform } from './transform-with.ts'
export type { FittedTransformer, TransformerSpec } from './transformer.ts'
export { type BinningOptions, binning } from './transformers/binning.ts'
export { type ClipOptions, clip } from './transformers/clip.ts'
export { type DatePartsOptions, dateParts } from './transformers/date-parts.ts'
export { type HashOptions, hash } from './transformers/hash.ts'
export { type ImputeOptions, impute } from './transformers/impute.ts'
export { type InteractionsOptions, interactions } from './transformers/interactions.ts'
export { log1p } from './transformers/log1p.ts'
export { type MinMaxScaleOptions, minMaxScale } from './transformers/min-max-scale.ts'
export { type OneHotOptions, oneHot } from './transformers/one-hot.ts'
export { type OrdinalOptions, ordinal } from './transformers/ordinal.ts'
export { type OutliersOptions, outliers } from './transformers/outliers.ts'
export { type QuantileTransformOptions, quantileTransform } from './transformers/quantile-transform.ts'
export { type RobustScaleOptions, robustScale } from './transformers/robust-scale.ts'
export { type StandardScaleOptions, standardScale } from './transformers/standard-scale.ts'
export { type TargetEncodeOptions, targetEncode } from './transformers/target-encode.ts'
export type { ForestOptions } from './trees/forest/options.ts'
export {
  bestSoFar,
  type JudgedTrial,
  paretoFront,
  studyHypervolume,
} from './tuning/analysis/best-trials.ts'
export { parameterImportances } from './tuning/analysis/importance.ts'
export type {
  CategoricalParameter,
  Choice,
  Condition,
  FloatParameter,
  IntParameter,
  Parameter,
  SearchSpace,
  TrialParameters,
} from './tuning/parameter.ts'
export type { PrunerSpec } from './tuning/pruner.ts'
export { type HyperbandPrunerOptions, hyperbandPruner } from './tuning/pruners/hyperband.ts'
export { type PatiencePrunerOptions, patiencePruner } from './tuning/pruners/patience.ts'
export {
  type MedianPrunerOptions,
  medianPruner,
  type PercentilePrunerOptions,
  percentilePruner,
} from './tuning/pruners/percentile.ts'
export {
  type SuccessiveHalvingPrunerOptions,
  successiveHalvingPruner,
} from './tuning/pruners/successive-halving.ts'
export { type ThresholdPrunerOptions, thresholdPruner } from './tuning/pruners/threshold.ts'
export { checkPruner, type PrunedTrial, shouldPrune } from './tuning/pruning.ts'
export type { SamplerSpec } from './tuning/sampler.ts'
export { autoSampler } from './tuning/samplers/auto.ts'
export { type CmaEsSamplerOptions, cmaEsSampler } from './tuning/samplers/cma-es/cma-es.ts'
export {
  type GaussianProcessSamplerOptions,
  gaussianProcessSampler,
} from './tuning/samplers/gaussian-process/gaussian-process.ts'
export { type GridSamplerOptions, gridSampler } from './tuning/samplers/grid.ts'
export { type Nsga2SamplerOptions, nsga2Sampler } from './tuning/samplers/nsga2/nsga2.ts'
export { quasiRandomSampler } from './tuning/samplers/quasi-random.ts'
export { randomSampler } from './tuning/samplers/random.ts'
export { type TpeSamplerOptions, tpeSampler } from './tuning/samplers/tpe/tpe.ts'
export { checkStudy, type StudySpec, type Suggestion, suggestParameters } from './tuning/suggest.ts'
export type { Direction, IntermediateValue, Trial, TrialState } from './tuning/trial.ts'
export type { CrossValidation, CrossValidationOptions } from './validation/cross-validation.ts'
export type { LearningCurveOptions, LearningCurvePoint } from './validation/learning-curve.ts'
export type {
  NestedCrossValidation,
  NestedCrossValidationOptions,
} from './validation/nested-cross-validation.ts'
export { optionGrid } from './validation/option-grid.ts'
export { crossValidate, learningCurve, nestedCrossValidate } from './validation/validate.ts'
export type { ScoreSummary, TestScores, ValidationData } from './validation/validation-data.ts'
