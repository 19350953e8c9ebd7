type FeatureRead = string | number | boolean | null

export interface ConsistencyInput {
  /** Event times of the reads, milliseconds, `from <= t < until`. */
  from: number
  until: number
  /** Share of the keys whose reads are compared. Default: 1, all. */
  sample?: number
  /** Share of reads of a feature that may differ before it is an alert. Default: 0.01. */
  tolerated?: number
}

/** What online reads gave for a feature, against what training has for the same keys and times. */
export interface FeatureConsistency {
  feature: string
  /** Reads where both have a value, and it is not the same. */
  mismatched: number
  /** Reads without a value where training has one. */
  missing: number
  /** Reads with a value where training has none. */
  extra: number
  /** Of all those: reads that said themselves that the value was missing, too old or of another time. */
  marked: number
  meanDifference: number | null
  relativeDifference: number | null
  examples: { id: string; at: number; online: FeatureRead; training: FeatureRead }[]
}

/** Reads that were made with the same definitions. */
interface ReadComparison {
  reads: number
  features: FeatureConsistency[]
  datasets: { dataset: string; version: string }[]
}

interface Check {
  id: string
  from: number
  until: number
  checkedAt: number
  /** Reads that were compared. */
  reads: number
  /** Whether no feature differs in more reads than is tolerated. */
  consistent: boolean
}

/** Whether an endpoint was given the features that training would have had. */
export interface ConsistencyCheck extends Check {
  endpoint: string
  /** Features that differ in more reads than is tolerated, worst first. */
  inconsistent: { feature: string; revision: number; share: number }[]
  revisions: (ReadComparison & { revision: number; modelVersion: string })[]
}

/** Whether logged online reads of a feature service gave the features that training would have had. */
export interface ServiceConsistencyCheck extends Check {
  service: string
  /** Features that differ in more reads than is tolerated, worst first. */
  inconsistent: { feature: string; version: string; view?: string; share: number }[]
  /** By the definitions that the reads were made with; reads of features by their names by `view`. */
  versions: (ReadComparison & { version: string; view?: string })[]
}
