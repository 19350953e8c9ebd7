const firstMs = 1000
const longestMs = 5 * 60_000

/**
 * How long to wait before the next start after the given number of failures: doubling from one second to five
 * minutes, of which a random half is left out, so that what failed together does not come back together.
 *
 * @param random from [0, 1)
 */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(longestMs, firstMs * 2 ** (failures - 1))
  return Math.round(full * (1 - random / 2))
}
