/** A run as both sides hold it: parameters, the latest value of each metric, and tags. */
export interface SeedRun {
  id: string
  name: string
  startedAt: number
  endedAt: number
  params: [key: string, value: string][]
  metrics: [key: string, value: number][]
  tags: [key: string, value: string][]
}

export const runCount = 100_000
export const seededExperiment = 'search'

/** Two of eight begin with `a`: a LIKE keeps a quarter of the runs. */
const teams = ['alpha', 'atlas', 'boreal', 'cobalt', 'delta', 'ember', 'fjord', 'garnet']
export interface HistoryPoint {
  step: number
  at: number
  value: number
}

/** A run whose one metric has many points, in an experiment of its own. */
export const history = { experiment: 'history', run: 'f'.repeat(32), key: 'loss', points: 1_000_000 }

const firstStart = Date.UTC(2026, 0, 1)
const spacingMs = 60_000

/**
 * The runs of the experiment that is searched, the same on every call: 10 parameters, 20 metrics and 3 tags each, in the
 * order of their start. Values of metrics are uniform in [0, 1); ids ascend with the time.
 */
export function* seedRuns(count: number = runCount): Generator<SeedRun> {
  const random = createRandom(20_261_121)
  for (let i = 0; i < count; i++) {
    const startedAt = firstStart + i * spacingMs
    const name = `run-${i}`
    yield {
      id: startedAt.toString(16).padStart(12, '0') + hex(random, 20),
      name,
      startedAt,
      endedAt: startedAt + Math.floor(random() * spacingMs),
      params: Array.from({ length: 10 }, (_, p) => [`p${p}`, paramValue(p, random())]),
      metrics: Array.from({ length: 20 }, (_, m) => [`m${m}`, random()]),
      tags: [
        ['mlflow.runName', name],
        ['mlflow.user', `user-${i % 40}`],
        ['team', teams[Math.floor(random() * teams.length)]],
      ],
    }
  }
}

/** A falling curve with noise, one point a second. */
export function* historyPoints(): Generator<HistoryPoint> {
  const random = createRandom(1)
  for (let step = 0; step < history.points; step++) {
    yield { step, at: firstStart + step * 1000, value: Math.exp(-step / 250_000) + 0.1 * random() }
  }
}

/** Half of the parameters are numbers, half are words, as in practice. */
function paramValue(index: number, draw: number): string {
  return index % 2 === 0 ? (10 ** (-5 * draw)).toPrecision(4) : `choice-${Math.floor(draw * 12)}`
}

function hex(random: () => number, digits: number): string {
  let text = ''
  while (text.length < digits)
    text += Math.floor(random() * 0x1_0000)
      .toString(16)
      .padStart(4, '0')
  return text.slice(0, digits)
}

/** Mulberry32: 32 bits of state, uniform in [0, 1); two draws make a double without equal values. */
function createRandom(seed: number): () => number {
  let state = seed
  function draw(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (t ^ (t >>> 14)) >>> 0
  }
  return () => ((draw() >>> 5) * 0x400_0000 + (draw() >>> 6)) / 2 ** 53
}
