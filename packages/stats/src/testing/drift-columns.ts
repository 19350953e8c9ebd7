import { fitBins } from '../bins.ts'
import type { DriftColumn } from '../drift.ts'
import { profileCategorical, profileNumeric } from '../profile.ts'
import { normals } from './samples.ts'

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Draws columns of a reference and a current window that differ by nothing but the shift, in deviations. */
export function createDriftColumns(uniform: () => number) {
  return {
    numericColumn(name: string, rows: [number, number], shift = 0): DriftColumn {
      const reference = normals(uniform, rows[0])
      const edges = fitBins(reference, 10)
      const current = profileNumeric(normals(uniform, rows[1], shift), edges)
      return { name, reference: profileNumeric(reference, edges), current }
    },

    categoricalColumn(name: string, rows: [number, number]): DriftColumn {
      const [reference, current] = rows.map((count) => {
        // Squaring makes the last letters rare, and leaves two of them to `other`.
        const draws = Array.from({ length: count }, () => letters[Math.floor(8 * uniform() ** 2)])
        return profileCategorical(draws, letters.slice(0, 6))
      })
      return { name, reference, current }
    },
  }
}
