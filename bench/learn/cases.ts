/** Rows with labels 0 and 1. Those for training come first in its files. */
export interface DataSet {
  name: string
  trainingRows: number
  testRows: number
}

export const dataSets = {
  flights: { name: 'flights', trainingRows: 1_000_000, testRows: 100_000 },
  '100k-20': { name: '100k-20', trainingRows: 100_000, testRows: 100_000 },
  '1m-50': { name: '1m-50', trainingRows: 1_000_000, testRows: 100_000 },
} as const satisfies Record<string, DataSet>

/** What all contenders of a comparison grow: the same number and size of trees. */
export const comparisons = {
  /** 100 trees of 31 leaves, the most useful leaf first. */
  leaves: { peer: 'lightgbm', peerName: 'LightGBM', time: 1 / 1.5 },
  /** 100 trees of depth 6. */
  depth: { peer: 'xgboost', peerName: 'XGBoost, hist', time: 1 / 1.5 },
  /** A random forest of 100 trees of depth 10. */
  forest: { peer: 'scikit-learn', peerName: 'scikit-learn', time: 3 },
} as const

export type Comparison = keyof typeof comparisons

export interface Case {
  name: string
  data: DataSet
  comparison: Comparison
  rounds: number
}

export const cases: readonly Case[] = Object.values(dataSets).flatMap((data) =>
  (['leaves', 'depth', 'forest'] as const).map((comparison) => ({
    name: `${comparison}-${data.name}`,
    data,
    comparison,
    // scikit-learn's forest takes minutes on a million rows.
    rounds: comparison === 'forest' && data.trainingRows > 500_000 ? 1 : 3,
  })),
)

/** How far the AUC may lie below the peer's. */
export const aucTolerance = 0.002

/** A column in the file of a data set: float32 for all rows; categories are their numbers, NaN is missing. */
export interface DataColumn {
  name: string
  categories?: string[]
}

/** One fit: from columns in memory to a model, and how it does on the test rows. */
export interface Run {
  seconds: number
  /** Of the process, at the end of the fit. */
  peakMb: number
  auc: number
}
