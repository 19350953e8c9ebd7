import type { PairedPredictions } from '../paired-predictions.ts'
import { fractions } from './samples.ts'

/** 400 rows, a good and a better classifier with tied scores: the same numbers as the scipy fixture. */
export function classifiers(): PairedPredictions {
  const signal = fractions(400, 7919, 1)
  const luck = fractions(400, 15485863, 1)
  const blend = (share: number, noise: readonly number[]): number[] =>
    signal.map((value, i) => Math.round(100 * (share * value + (1 - share) * noise[i])) / 100)
  return {
    labels: signal.map((value, i) => (luck[i] < value ? 1 : 0)),
    champion: blend(0.5, fractions(400, 104729, 1)),
    challenger: blend(0.7, fractions(400, 1299709, 1)),
  }
}
