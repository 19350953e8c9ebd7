/** What the forest takes. */
export const columns: readonly string[] = Array.from({ length: 20 }, (_, i) => `x${i}`)

/** A request and the probability of the positive class that scikit-learn gives it. */
export interface TestRow {
  inputs: Record<string, number>
  probability: number
}
