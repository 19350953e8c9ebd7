import type { Random } from '../random.ts'

/**
 * Fills `out` with `row << 1 | label` of the drawn rows, ascending by row (histograms then read memory
 * forwards). A bootstrap draws with replacement, so a row may repeat; otherwise every row comes once.
 */
export const createRowDrawer = (labels: Uint8Array, bootstrap: boolean) => {
  const times = new Uint16Array(bootstrap ? labels.length : 0)
  return (random: Random, out: Uint32Array): void => {
    if (!bootstrap) {
      for (let row = 0; row < out.length; row += 1) out[row] = (row << 1) | labels[row]
      return
    }
    times.fill(0)
    for (let draw = 0; draw < out.length; draw += 1) times[random.below(labels.length)] += 1
    let at = 0
    for (let row = 0; row < labels.length; row += 1)
      for (let copies = times[row]; copies > 0; copies -= 1) {
        out[at] = (row << 1) | labels[row]
        at += 1
      }
  }
}
