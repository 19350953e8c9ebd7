import { median } from '../harness/measurement.ts'
import { type Bodies, batchesOfRun, batchSize, bodyOf } from './bodies.ts'
import { type Case, type CaseContext, checkSame, load, peerName, rounds } from './case.ts'
import type { Load, LoadSpec } from './load.ts'
import { alone, type Contender, contenders, type StartedServer, withServers } from './servers.ts'
import { createRun, createRuns, get, type WireMetric, type WireRun } from './wire.ts'

const singleConnections = 8
const singleSeconds = 8
const warmUpSeconds = 3
const logMetric = '/api/2.0/mlflow/runs/log-metric'
const logBatch = '/api/2.0/mlflow/runs/log-batch'

/** Runs of one turn: about five seconds on either side. */
const batchedRuns: Record<Contender, number> = { ours: 20, peer: 1 }
const repeatedBatches: Record<Contender, number> = { ours: 600, peer: 5 }

const shapes = [
  { name: 'one key', keys: 1 },
  { name: '1,000 keys', keys: 1000 },
] as const

/** Single points of eight training processes at once. */
export const logMetrics: Case = (context) =>
  withServers(context, async (servers) => {
    const spec = async (url: string, seconds: number): Promise<LoadSpec> => ({
      url: url + logMetric,
      connections: singleConnections,
      bodies: {
        kind: 'metric',
        runs: await createRuns(url, singleConnections),
      },
      extent: { seconds },
    })
    const loads = await inTurn(context, servers, 'single points', async ({ url }, _contender, first) => {
      if (first) await load(await spec(url, warmUpSeconds))
      return load(await spec(url, singleSeconds))
    })
    report(context, loads, { metric: 'throughput', unit: 'requests/s', of: 'perSecond', goal: 10 })
    report(context, loads, { metric: 'latency p50', unit: 'ms', of: 'p50Ms', goal: null })
    report(context, loads, { metric: 'latency p99', unit: 'ms', of: 'p99Ms', goal: 10 })
  })

/** Batches of one training process: new points of one series and of a thousand, and the same batch again. */
export const logBatches: Case = (context) =>
  withServers(context, async (servers) => {
    for (const { name, keys } of shapes) {
      const { ours, peer } = servers
      checkSame(
        `The latest metrics of ${name}`,
        await logTwoBatches(ours, keys),
        await logTwoBatches(peer, keys),
      )
      const fresh = await inTurn(
        context,
        servers,
        `batches of ${name}`,
        async ({ url }, contender, first) => {
          const send = async (count: number) =>
            batches(url, { kind: 'batch', runs: await createRuns(url, count), keys }, count * batchesOfRun)
          if (first) await send(Math.ceil(batchedRuns[contender] / 4))
          return send(batchedRuns[contender])
        },
      )
      report(context, fresh, { metric: `${name}, throughput`, unit: 'metrics/s', of: 'perSecond', goal: 20 })
      report(context, fresh, { metric: `${name}, latency p50`, unit: 'ms', of: 'p50Ms', goal: null })
      const repeated = await inTurn(
        context,
        servers,
        `batches of ${name} again`,
        async ({ url }, contender) => {
          const body = bodyOf({ kind: 'batch', runs: await createRuns(url, 1), keys }, 0)
          await batches(url, { kind: 'same', body }, 1)
          return batches(url, { kind: 'same', body }, repeatedBatches[contender])
        },
      )
      report(context, repeated, {
        metric: `${name} again, throughput`,
        unit: 'metrics/s',
        of: 'perSecond',
        goal: null,
      })
    }
  })

function batches(url: string, bodies: Bodies, requests: number): Promise<Load> {
  return load({ url: url + logBatch, connections: 1, bodies, extent: { requests } })
}

async function inTurn(
  context: CaseContext,
  servers: Record<Contender, StartedServer>,
  what: string,
  run: (server: StartedServer, contender: Contender, first: boolean) => Promise<Load>,
): Promise<Record<Contender, Load[]>> {
  const loads: Record<Contender, Load[]> = { ours: [], peer: [] }
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      context.progress(`${what}, round ${round + 1}: ${contender}`)
      loads[contender].push(await alone(servers, contender, (server) => run(server, contender, round === 0)))
    }
  }
  return loads
}

interface About {
  metric: string
  unit: 'requests/s' | 'metrics/s' | 'ms'
  of: keyof Load
  goal: number | null
}

function report(
  context: CaseContext,
  loads: Record<Contender, Load[]>,
  { metric, unit, of, goal }: About,
): void {
  const middle = (contender: Contender) => {
    const value = median(loads[contender].map((one) => one[of]))
    return value !== null && unit === 'metrics/s' ? value * batchSize : value
  }
  context.report({
    metric,
    unit,
    better: unit === 'ms' ? 'lower' : 'higher',
    ours: middle('ours'),
    peer: middle('peer'),
    peerName,
    goal,
  })
}

/** The latest metrics of a run after two batches, by key. */
async function logTwoBatches({ url }: StartedServer, keys: 1 | 1000): Promise<WireMetric[]> {
  const run = await createRun(url)
  await batches(url, { kind: 'batch', runs: [run], keys }, 2)
  const { run: stored } = await get<{ run: WireRun }>(url, `/runs/get?run_id=${run}`)
  return (stored.data.metrics ?? [])
    .map(({ key, value, timestamp, step }) => ({ key, value, timestamp, step }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}
