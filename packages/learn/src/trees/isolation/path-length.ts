/** Euler's constant. */
const gamma = 0.5772156649015329

/** The mean length of an unsuccessful search in a binary tree of so many rows (Liu, Ting & Zhou 2008, eq. 1). */
export const averagePathLength = (rows: number): number => {
  if (rows <= 1) return 0
  if (rows === 2) return 1
  return 2 * (Math.log(rows - 1) + gamma) - (2 * (rows - 1)) / rows
}
