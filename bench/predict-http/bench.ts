import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild, type RunningServer, startServerChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { type Load, putLoad } from '../harness/put-load.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import type { TestRow } from './rows.ts'

const here = import.meta.dirname
const rounds = 3
const warmUpSeconds = 3
const seconds = 5
const tolerance = 1e-6

const contenders = ['ours', 'onnxruntime', 'sklearn'] as const
type Contender = (typeof contenders)[number]
type Peer = Exclude<Contender, 'ours'>
type Servers = Record<Contender, RunningServer>
type Loads = Record<Contender, Load[]>

const peerNames: Record<Peer, string> = {
  onnxruntime: 'FastAPI + onnxruntime',
  sklearn: 'FastAPI + scikit-learn',
}

interface Case {
  name: string
  connections: number
  /** How many times better than each peer; what is not here is recorded only. */
  goals: Partial<Record<keyof Load, Partial<Record<Peer, number>>>>
}

const cases: readonly Case[] = [
  {
    name: '1-connection',
    connections: 1,
    goals: { p50Ms: { sklearn: 6.67 } },
  },
  {
    name: '64-connections',
    connections: 64,
    goals: { requestsPerSecond: { onnxruntime: 4, sklearn: 8 } },
  },
]

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    const folder = join(context.workDir, 'model')
    await mkdir(folder, { recursive: true })
    context.progress('training the forest')
    await getFromChild(python, [join(here, 'train.py'), folder])
    const servers = await startServers(python, folder)
    try {
      const rows: TestRow[] = JSON.parse(await readFile(join(folder, 'requests.json'), 'utf8'))
      const bodies = join(folder, 'bodies.json')
      await writeFile(bodies, JSON.stringify(rows.map(({ inputs }) => JSON.stringify({ inputs }))))
      for (const contender of contenders) await checkAnswers(contender, servers[contender].url, rows)
      for (const one of cases.filter(({ name }) => context.cases.includes(name))) {
        await measure(context, one, (contender, seconds) =>
          putLoad(servers[contender].url, { connections: one.connections, seconds, bodies }),
        )
      }
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.stop()))
    }
  },
}

async function startServers(python: string, folder: string): Promise<Servers> {
  const peer = (name: Peer) => startServerChild(python, [join(here, 'peer.py'), name, folder])
  return {
    ours: await startServerChild(process.execPath, [
      join(here, 'ours.ts'),
      folder,
      join(folder, 'columns.onnx'),
    ]),
    onnxruntime: await peer('onnxruntime'),
    sklearn: await peer('sklearn'),
  }
}

/** Everyone must give the probabilities that scikit-learn gave right after training. */
async function checkAnswers(contender: Contender, url: string, rows: readonly TestRow[]): Promise<void> {
  for (const { inputs, probability } of rows) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs }),
    })
    const text = await response.text()
    const answer = response.ok ? JSON.parse(text) : {}
    const given = (answer.prediction ?? answer).probability
    if (!(Math.abs(given - probability) < tolerance)) {
      throw new Error(`${contender} should answer ${probability}, it answers ${response.status} ${text}`)
    }
  }
}

async function measure(
  context: BenchContext,
  one: Case,
  run: (contender: Contender, seconds: number) => Promise<Load>,
): Promise<void> {
  const loads: Loads = { ours: [], onnxruntime: [], sklearn: [] }
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      context.progress(`${one.name}, round ${round + 1}: ${contender}`)
      if (round === 0) await run(contender, warmUpSeconds)
      const result = await run(contender, seconds)
      if (result.failures > 0) throw new Error(`${contender} failed ${result.failures} requests`)
      loads[contender].push(result)
    }
  }
  for (const peer of ['onnxruntime', 'sklearn'] as const) {
    const report = (
      metric: keyof Load,
      about: { name: string; unit: string; better: 'higher' | 'lower' },
    ) => {
      const { name, ...kind } = about
      context.report({
        case: one.name,
        metric: name,
        ...kind,
        ours: median(loads.ours.map((one) => one[metric])),
        peer: median(loads[peer].map((one) => one[metric])),
        peerName: peerNames[peer],
        goal: one.goals[metric]?.[peer] ?? null,
      })
    }
    report('requestsPerSecond', { name: 'throughput', unit: 'requests/s', better: 'higher' })
    report('p50Ms', { name: 'latency p50', unit: 'ms', better: 'lower' })
    report('p99Ms', { name: 'latency p99', unit: 'ms', better: 'lower' })
  }
}
