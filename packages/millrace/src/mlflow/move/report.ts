import type { LeftOut } from '../store.ts'

/** What is counted on both sides. */
export const countedThings = [
  'experiments',
  'runs',
  'parameters',
  'tags',
  'metric points',
  'datasets',
  'logged models',
  'artifacts',
  'artifact bytes',
  'registered models',
  'model versions',
  'aliases',
] as const
export type CountedThing = (typeof countedThings)[number]

export interface CountRow {
  what: CountedThing
  /** In the source, of what was selected. */
  found: number
  /** Of these, the same on the other side, compared after copying. Null in a dry run. */
  verified: number | null
  /** Written by this call; the rest was there already. */
  written: number
}

export interface Difference {
  /** What differs, e.g. `run 0f3c…`. */
  where: string
  reason: string
}

export interface CopyReport {
  from: string
  to: string
  dryRun: boolean
  counts: CountRow[]
  leftOut: LeftOut[]
  /** Empty if everything that was to be copied is there as it was. */
  differences: Difference[]
}

/** Counts while things are copied. */
export interface Tally {
  found(what: CountedThing, count?: number): void
  written(what: CountedThing, count?: number): void
  verified(what: CountedThing, count?: number): void
  differ(where: string, reason: string): void
  leaveOut(leftOut: LeftOut): void
  report(from: string, to: string, dryRun: boolean): CopyReport
  /** Numbers of now, for showing progress. */
  snapshot(): ReadonlyMap<CountedThing, { found: number; written: number }>
}

export function createTally(): Tally {
  const counts = new Map(countedThings.map((what) => [what, { found: 0, written: 0, verified: 0 }]))
  const differences: Difference[] = []
  const leftOut = new Map<string, LeftOut>()
  const add = (what: CountedThing, side: 'found' | 'written' | 'verified', count: number) => {
    const row = counts.get(what)
    if (row) row[side] += count
  }
  return {
    found: (what, count = 1) => add(what, 'found', count),
    written: (what, count = 1) => add(what, 'written', count),
    verified: (what, count = 1) => add(what, 'verified', count),
    differ: (where, reason) => void differences.push({ where, reason }),
    leaveOut(one) {
      const key = `${one.what}\0${one.reason}`
      const before = leftOut.get(key)
      leftOut.set(key, before ? { ...one, count: before.count + one.count } : one)
    },
    report: (from, to, dryRun) => ({
      from,
      to,
      dryRun,
      counts: [...counts].map(([what, { found, written, verified }]) => ({
        what,
        found,
        verified: dryRun ? null : verified,
        written,
      })),
      leftOut: [...leftOut.values()],
      differences,
    }),
    snapshot: () => counts,
  }
}
