import { type Case, type CaseContext, checkSame, limitOn, load, peerName } from './case.ts'
import type { Load } from './load.ts'
import { seedPeerHistory } from './peer-seed.ts'
import { history, historyPoints } from './runs.ts'
import { alone, createPeerDatabase, type StartedServer, withServers } from './servers.ts'
import { createRun, get, post, type WireMetric } from './wire.ts'

const limitMs = 50
/** Points of a plot. */
const pixels = 1000
const ourReads = 100
const peerReads = 5
const pointsAtOnce = 1000

/** A series of a million points, thinned out for a plot. */
export const readHistory: Case = (context) =>
  withServers(
    {
      ...context,
      prepare: async ({ peer }) => {
        context.progress('filling the database of the peer')
        seedPeerHistory(await createPeerDatabase(context.python, peer))
      },
    },
    async (servers) => {
      const { ours, peer } = servers
      context.progress('logging a million points')
      const run = await logHistory(ours)
      const thinned = (id: string) =>
        `/metrics/get-history-bulk-interval?run_ids=${id}&metric_key=${history.key}&max_results=${pixels}`
      checkThinned('ours', await readThinned(ours, thinned(run)))
      checkThinned('MLflow', await readThinned(peer, thinned(history.run)))
      const series = `${ours.url}/v1/runs/${run}/series?key=${history.key}&pixels=${pixels}`
      await checkSeries(series)
      const mlflow = '/api/2.0/mlflow'
      context.progress('reading')
      report(context, {
        series: await alone(servers, 'ours', () => read(series, ourReads)),
        ours: await alone(servers, 'ours', ({ url }) => read(`${url}${mlflow}${thinned(run)}`, ourReads / 5)),
        peer: await alone(servers, 'peer', ({ url }) =>
          read(`${url}${mlflow}${thinned(history.run)}`, peerReads),
        ),
      })
    },
  )

/** Through the API: rows in its tables would lack what it keeps of long series. Returns the run. */
async function logHistory({ url }: StartedServer): Promise<string> {
  const run_id = await createRun(url)
  let metrics: WireMetric[] = []
  for (const { step, at, value } of historyPoints()) {
    if (metrics.push({ key: history.key, value, timestamp: at, step }) < pointsAtOnce) continue
    await post(url, '/runs/log-batch', { run_id, metrics })
    metrics = []
  }
  return run_id
}

async function readThinned({ url }: StartedServer, path: string): Promise<WireMetric[]> {
  return (await get<{ metrics: WireMetric[] }>(url, path)).metrics
}

/** Which points are taken differs between releases of MLflow: points of the series, evenly, from the first to the last. */
function checkThinned(whose: string, taken: readonly WireMetric[]): void {
  const steps = new Set(taken.map(({ step }) => step))
  const expected = [...historyPoints()].filter(({ step }) => steps.has(step))
  checkSame(
    `The thinned-out history of ${whose} (left) from the series`,
    taken.map(({ step, timestamp, value }) => ({ step, at: timestamp, value })),
    expected,
  )
  const distance = history.points / pixels
  const even = taken.every(({ step }, i) => Math.abs(step - i * distance) <= distance)
  if (!even || taken.at(-1)?.step !== history.points - 1 || Math.abs(taken.length - pixels) > 1) {
    throw new Error(`The thinned-out history of ${whose} has ${taken.length} points that are not even`)
  }
}

interface OurSeries {
  points: number
  pixels: { count: number; min: number; max: number }[]
}

/** Every point must be in it, and with it the ends of the curve. */
async function checkSeries(url: string): Promise<void> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${await response.text()}`)
  const series = (await response.json()) as OurSeries
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { value } of historyPoints()) {
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  const all = {
    points: series.points,
    count: series.pixels.reduce((sum, { count }) => sum + count, 0),
    min: Math.min(...series.pixels.map((pixel) => pixel.min)),
    max: Math.max(...series.pixels.map((pixel) => pixel.max)),
  }
  checkSame('The series', all, { points: history.points, count: history.points, min, max })
}

function read(url: string, requests: number): Promise<Load> {
  return load({ url, connections: 1, extent: { requests } })
}

function report(context: CaseContext, loads: { series: Load; ours: Load; peer: Load }): void {
  const time = { unit: 'ms', better: 'lower' } as const
  context.report(limitOn(limitMs, { ...time, metric: 'our series, latency p95', ours: loads.series.p95Ms }))
  const compare = (metric: string, ours: Load) =>
    context.report({
      ...time,
      metric,
      ours: ours.p50Ms,
      peer: loads.peer.p50Ms,
      peerName,
      goal: null,
    })
  compare('our series against get-history-bulk-interval, latency p50', loads.series)
  compare('get-history-bulk-interval, latency p50', loads.ours)
}
