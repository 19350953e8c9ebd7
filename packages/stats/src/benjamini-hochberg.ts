import { requireBetween } from './checks.ts'

/**
 * Benjamini-Hochberg (1995) adjusted p-values, in the order given. Calling those <= alpha discoveries keeps the
 * expected share of false ones <= alpha for independent or positively dependent tests.
 * Throws RangeError naming the place of a p-value outside [0, 1].
 */
export function adjustBenjaminiHochberg(pValues: readonly number[]): number[] {
  pValues.forEach((pValue, i) => {
    requireBetween(`pValues[${i}]`, pValue, [0, 1])
  })
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[j] - pValues[i])
  const adjusted = new Array<number>(pValues.length)
  let smallest = 1
  order.forEach((place, fromLargest) => {
    const rank = pValues.length - fromLargest
    smallest = Math.min(smallest, (pValues[place] * pValues.length) / rank)
    adjusted[place] = smallest
  })
  return adjusted
}
