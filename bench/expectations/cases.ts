/** Rows of the table; the case that the goal is about, and one to try it out. */
export const cases = [
  { name: '10m-rows-50-expectations', rows: 10_000_000, rounds: 3, goal: 5 },
  { name: '1m-rows-50-expectations', rows: 1_000_000, rounds: 3, goal: null },
] as const

export type Case = (typeof cases)[number]

/** What a side prints: seconds from the file to all results, and of each expectation what it found. */
export interface Run {
  seconds: number
  peakMb: number
  results: { success: boolean; unexpected: number | null }[]
}
