import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild, type RunningServer, startServerChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { type Load, putLoad } from '../harness/put-load.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { keysOf, type RequestName, requests, storedValue } from './shapes.ts'

const here = import.meta.dirname
const rounds = 3
const warmUpSeconds = 3
const seconds = 5
const bodiesPerLoad = 256

type Side = 'ours' | 'feast'
type Servers = Record<Side, RunningServer>

interface Case {
  name: string
  request: RequestName
  /** 0: read within one process. */
  connections: number
  /** Numbers that ours has to reach, whatever the peer does. */
  goals: { p50Ms?: number; requestsPerSecond?: number; p50Us?: number }
}

const cases: readonly Case[] = [
  { name: '1x50-1-connection', request: '1x50', connections: 1, goals: { p50Ms: 0.5 } },
  { name: '1x50-64-connections', request: '1x50', connections: 64, goals: { requestsPerSecond: 8000 } },
  { name: '100x250-1-connection', request: '100x250', connections: 1, goals: { p50Ms: 10 } },
  { name: '1x50-in-process', request: '1x50', connections: 0, goals: { p50Us: 20 } },
  { name: '100x250-in-process', request: '100x250', connections: 0, goals: {} },
]

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    const folder = join(context.workDir, 'stores')
    await mkdir(folder, { recursive: true })
    const wanted = cases.filter(({ name }) => context.cases.includes(name))
    const overHttp = wanted.filter(({ connections }) => connections > 0)
    if (overHttp.length > 0) await measureHttp(context, overHttp, { python, folder })
    for (const one of wanted.filter(({ connections }) => connections === 0)) {
      await measureInProcess(context, one, { python, folder })
    }
  },
}

async function measureHttp(
  context: BenchContext,
  wanted: readonly Case[],
  { python, folder }: { python: string; folder: string },
): Promise<void> {
  context.progress('starting the servers')
  const ours = await startServerChild(process.execPath, [join(here, 'ours.ts'), folder])
  const servers: Servers = {
    ours,
    feast: await startServerChild(python, [join(here, 'peer.py'), 'serve', join(folder, 'feast')]),
  }
  try {
    for (const one of wanted) {
      const bodies = await writeBodies(folder, one.request)
      await checkAnswers(servers, one.request)
      const loads: Record<Side, Load[]> = { ours: [], feast: [] }
      for (let round = 0; round < rounds; round++) {
        for (const side of ['ours', 'feast'] as const) {
          context.progress(`${one.name}, round ${round + 1}: ${side}`)
          const run = (duration: number) =>
            putLoad(servers[side].url, {
              connections: one.connections,
              seconds: duration,
              bodies: bodies[side],
            })
          if (round === 0) await run(warmUpSeconds)
          const result = await run(seconds)
          if (result.failures > 0) throw new Error(`${side} failed ${result.failures} requests`)
          loads[side].push(result)
        }
      }
      const of = (side: Side, metric: keyof Load) => median(loads[side].map((each) => each[metric]))
      for (const [metric, name, unit, better] of [
        ['requestsPerSecond', 'throughput', 'requests/s', 'higher'],
        ['p50Ms', 'latency p50', 'ms', 'lower'],
        ['p99Ms', 'latency p99', 'ms', 'lower'],
      ] as const) {
        const about = { case: one.name, metric: name, unit, better, ours: of('ours', metric) }
        context.report({ ...about, peer: of('feast', metric), peerName: 'Feast', goal: 1 })
        const goal = metric === 'p99Ms' ? undefined : one.goals[metric]
        if (goal !== undefined) context.report({ ...about, peer: goal, peerName: 'what we want', goal: 1 })
      }
    }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

async function measureInProcess(
  context: BenchContext,
  { name, request, goals }: Case,
  { python, folder }: { python: string; folder: string },
): Promise<void> {
  const times: Record<Side, number[]> = { ours: [], feast: [] }
  for (let round = 0; round < rounds; round++) {
    context.progress(`${name}, round ${round + 1}`)
    const ours = await getFromChild(process.execPath, [join(here, 'in-process.ts'), folder, request])
    times.ours.push(JSON.parse(ours).p50Us)
    const feast = await getFromChild(python, [join(here, 'peer.py'), request, join(folder, 'feast')])
    times.feast.push(JSON.parse(feast).p50Us)
  }
  const about = {
    case: name,
    metric: 'read p50',
    unit: 'µs',
    better: 'lower',
    ours: median(times.ours),
  } as const
  context.report({ ...about, peer: median(times.feast), peerName: 'Feast', goal: 1 })
  if (goals.p50Us !== undefined) {
    context.report({ ...about, peer: goals.p50Us, peerName: 'what we want', goal: 1 })
  }
}

function bodyOf(side: Side, request: RequestName, n: number): object {
  const { service } = requests[request]
  const user = keysOf(request, n)
  return side === 'ours' ? { service, columns: { user } } : { feature_service: service, entities: { user } }
}

async function writeBodies(folder: string, request: RequestName): Promise<Record<Side, string>> {
  const write = async (side: Side) => {
    const path = join(folder, `bodies-${side}-${request}.json`)
    const bodies = Array.from({ length: bodiesPerLoad }, (_, n) => JSON.stringify(bodyOf(side, request, n)))
    await writeFile(path, JSON.stringify(bodies))
    return path
  }
  return { ours: await write('ours'), feast: await write('feast') }
}

/** Both must give the values that were written, all of them PRESENT. */
async function checkAnswers(servers: Servers, request: RequestName): Promise<void> {
  for (const n of [0, 1, 2]) {
    const users = keysOf(request, n)
    const expected = new Map<string, number[]>()
    for (let place = 0; place < requests[request].features; place++) {
      expected.set(
        `v${Math.floor(place / 50)}_f${place % 50}`,
        users.map((user) => storedValue(user, place)),
      )
    }
    for (const side of ['ours', 'feast'] as const) {
      const found = await ask(servers[side].url, side, bodyOf(side, request, n))
      for (const [name, values] of expected) {
        if (JSON.stringify(found.get(name)) !== JSON.stringify(values)) {
          throw new Error(
            `${side} gives ${name} as ${JSON.stringify(found.get(name))}, not ${JSON.stringify(values)}`,
          )
        }
      }
    }
  }
}

async function ask(url: string, side: Side, body: object): Promise<Map<string, unknown[]>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${side} answers ${response.status} ${text}`)
  const answer = JSON.parse(text)
  const names: string[] = side === 'ours' ? answer.features : answer.metadata.feature_names
  return new Map(
    names.map((name, i) => [name, side === 'ours' ? answer.values[i] : answer.results[i].values]),
  )
}
