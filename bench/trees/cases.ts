/** What one contender needs for a row, and what it gives for the first rows. */
export interface Run {
  microseconds: number
  answers: number[]
}

/** How many rows are predicted at once, or explained. */
export const tasks = {
  /** One row at a time, as a server does. */
  'one-row': { rows: 1 },
  batch: { rows: 10_000 },
  shap: { rows: 500 },
} as const

export type Task = keyof typeof tasks

/** Of the synthetic data. */
export const columns = 20
/** Rows in the file; one row at a time is each of the first 500 in turn. */
export const storedRows = 10_000
/** How many rows a run shows its answers for. */
export const shownRows = 100

/** Runs `work`, which does `rows` rows, for a second, after another one to warm up. */
export async function measure(rows: number, work: () => void | Promise<void>): Promise<number> {
  let microseconds = 0
  for (let round = 0; round < 2; round++) {
    const started = performance.now()
    let done = 0
    while (performance.now() - started < 1000) {
      await work()
      done += rows
    }
    microseconds = ((performance.now() - started) * 1000) / done
  }
  return microseconds
}
