/** Probabilities of all classes, row after row, from those of the second class if there are two. */
export const toClassProbabilities = (predicted: Float64Array, classes: number): Float64Array => {
  if (classes !== 2) return predicted
  const both = new Float64Array(predicted.length * 2)
  for (let row = 0; row < predicted.length; row += 1) {
    both[row * 2] = 1 - predicted[row]
    both[row * 2 + 1] = predicted[row]
  }
  return both
}
