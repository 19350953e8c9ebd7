import { categorical, missingLeft, type TreeEnsemble, zeroIsMissing } from './ensemble.ts'

/** Whether a row whose feature has this value goes to the left child of an inner node. */
export const goesLeft = (ensemble: TreeEnsemble, node: number, value: number): boolean => {
  const flags = ensemble.flags[node]
  if (Number.isNaN(value) || ((flags & zeroIsMissing) !== 0 && value === 0))
    return (flags & missingLeft) !== 0
  const threshold = ensemble.threshold[node]
  if ((flags & categorical) === 0) return value <= threshold
  const begin = ensemble.setOffsets[threshold]
  const size = (ensemble.setOffsets[threshold + 1] - begin) * 32
  // Fractions are cut off: -0.5 is category 0.
  const category = Math.trunc(value)
  return (
    category >= 0 &&
    category < size &&
    ((ensemble.sets[begin + (category >>> 5)] >>> (category & 31)) & 1) === 1
  )
}
