export { adjustBenjaminiHochberg } from './benjamini-hochberg.ts'
export { findCell, fitBins } from './bins.ts'
export {
  type CalibrationTest,
  calibrationInTheLarge,
  type ReliabilityBin,
  reliabilityBins,
} from './calibration.ts'
export { compareMeans, type MeanComparison, type SampleMoments } from './compare-means.ts'
export {
  type ChiSquareResult,
  chiSquareTwoSample,
  type Proportion,
  type ProportionResult,
  twoProportionTest,
} from './count-tests.ts'
export {
  hellinger,
  jensenShannon,
  klDivergence,
  psi,
  type SmoothingOptions,
  totalVariation,
} from './distances.ts'
export { type ColumnDrift, type DriftColumn, type DriftOptions, detectDrift } from './drift.ts'
export {
  type EvidentlyColumn,
  evidentlyJensenShannon,
  evidentlyKs,
  evidentlyPsi,
  evidentlyWasserstein,
} from './evidently.ts'
export { type KolmogorovSmirnovResult, kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
export { mergeProfiles } from './merge-profiles.ts'
export { type AucComparison, compareAuc } from './paired-auc.ts'
export { compareLogLoss, logLossPerRow } from './paired-log-loss.ts'
export {
  compareLosses,
  type LossComparison,
  type LossComparisonOptions,
  type PairedLosses,
} from './paired-losses.ts'
export type { PairedPredictions } from './paired-predictions.ts'
export { parseProfile } from './parse-profile.ts'
export { type CalibrationSums, type PooledCalibration, pooledCalibration } from './pooled-calibration.ts'
export {
  type CategoricalProfile,
  type ColumnProfile,
  countRows,
  fitCategories,
  type NumericProfile,
  profileCategorical,
  profileNumeric,
} from './profile.ts'
export { normedWasserstein } from './wasserstein.ts'
