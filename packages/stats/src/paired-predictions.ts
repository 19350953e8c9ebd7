/** Two binary classifiers asked about the same rows. */
export interface PairedPredictions {
  /** 0 or 1 for each row. */
  readonly labels: ArrayLike<number>
  /** Probability of 1 by the model in place. */
  readonly champion: ArrayLike<number>
  /** Probability of 1 by the model that wants its place. */
  readonly challenger: ArrayLike<number>
}
