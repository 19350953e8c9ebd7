import { totalmem } from 'node:os'
import { join } from 'node:path'
import { type ChildOutcome, getFromChild, runChild } from '../harness/child.ts'
import { type Measurement, median } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { type Case, cases, featuresOf, type Run, ttlDays, viewsOf } from './cases.ts'
import type { Comparison } from './compare.ts'

const here = import.meta.dirname
const timeLimitMs = 180_000
/** Above it a peer gets a MemoryError: other work on the machine shall survive. */
const peerMemoryMb = Math.floor(totalmem() / 2 ** 21)

type Peer = 'duckdb' | 'dask'
type Contender = 'ours' | Peer
type Outcomes = Record<Contender, ChildOutcome[]>

const peerNames: Record<Peer, string> = { duckdb: 'Feast, DuckDB store', dask: 'Feast, default store (Dask)' }

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const chosen = cases.filter(({ name }) => context.cases.includes(name))
    const python = chosen.some(({ peers }) => peers.length > 0)
      ? await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
      : ''
    for (const one of chosen) await measure(context, one, python)
  },
}

async function measure(context: BenchContext, one: Case, python: string): Promise<void> {
  const folder = join(context.workDir, 'data', one.name)
  context.progress(`${one.name}: writing the data`)
  await getFromChild(process.execPath, [join(here, 'generate.ts'), folder, one.name])
  const output = (contender: Contender) => join(folder, `${contender}.parquet`)
  const columns = JSON.stringify(viewsOf(one).map(featuresOf))
  const start = (contender: Contender) =>
    contender === 'ours'
      ? runNode('ours.ts', [folder, output('ours'), join(folder, 'spill'), `${one.views}`])
      : runChild(
          python,
          [
            join(here, 'peer.py'),
            contender,
            folder,
            output(contender),
            `${ttlDays}`,
            `${peerMemoryMb}`,
            columns,
          ],
          { timeLimitMs },
        )
  const outcomes: Outcomes = { ours: [], duckdb: [], dask: [] }
  for (let round = 0; round < one.rounds; round++) {
    for (const contender of ['ours', ...one.peers] as const) {
      if (contender === 'dask' && round > 0) continue
      context.progress(`${one.name}, round ${round + 1}: ${contender}`)
      outcomes[contender].push(await start(contender))
    }
  }
  const ran = (contender: Contender) => runsOf(outcomes[contender]).length > 0
  if (!ran('ours')) throw new Error(`${one.name}: ${failure(outcomes.ours)}`)
  if (ran('duckdb')) {
    const flaw = await compare(one, [output('duckdb'), output('ours')], true)
    if (flaw) throw new Error(`${one.name}: our result is not the reference's: ${flaw}`)
  }
  for (const measurement of limited(one, outcomes)) context.report(measurement)
  for (const peer of one.peers) {
    const peerFlaw = ran('duckdb')
      ? await compare(one, [output('duckdb'), output(peer)], ran(peer))
      : 'nothing checked the results'
    const notes = [failure(outcomes[peer]), peerFlaw].filter((note) => note !== undefined)
    for (const measurement of compared(one, peer, outcomes)) {
      context.report(notes.length === 0 ? measurement : { ...measurement, note: notes.join('; ') })
    }
  }
}

function runNode(script: string, args: readonly string[]): Promise<ChildOutcome> {
  return runChild(process.execPath, [join(here, script), ...args], { timeLimitMs })
}

/** What is wrong with a result, by the reference; undefined when nothing is. */
async function compare(
  { views }: Case,
  files: [reference: string, candidate: string],
  ran: boolean,
): Promise<string | undefined> {
  if (!ran) return undefined
  const line = await getFromChild(process.execPath, [join(here, 'compare.ts'), ...files, `${views}`])
  const { rows, missing, different }: Comparison = JSON.parse(line)
  const flaws = [
    missing > 0 ? `${missing} rows are missing` : '',
    different > 0 ? `${different} rows have other values` : '',
  ].filter((flaw) => flaw !== '')
  return flaws.length === 0 ? undefined : `${flaws.join(', ')}, of ${rows + missing}`
}

/** What we took beside what we may take; without a limit beside nothing. */
function limited({ name, peers, goals }: Case, outcomes: Outcomes): Measurement[] {
  const ours = runsOf(outcomes.ours)
  const common = { case: name, better: 'lower', peerName: 'limit' } as const
  const time = { ...common, metric: 'time', unit: 's', ours: median(ours.map(({ seconds }) => seconds)) }
  const memory = {
    ...common,
    metric: 'peak memory',
    unit: 'MB',
    ours: median(ours.map(({ peakMb }) => peakMb)),
  }
  const beside = (one: typeof time | typeof memory, limit: number | undefined): Measurement[] =>
    limit === undefined && peers.length > 0 ? [] : [{ ...one, peer: limit ?? null, goal: limit ? 1 : null }]
  return [...beside(time, goals.seconds), ...beside(memory, goals.peakMb)]
}

function compared(one: Case, peer: Peer, outcomes: Outcomes): Measurement[] {
  const ours = runsOf(outcomes.ours)
  const theirs = runsOf(outcomes[peer])
  const common = { case: one.name, better: 'lower', peerName: peerNames[peer] } as const
  const tooLate = outcomes[peer].some(({ kind }) => kind === 'time-limit')
  return [
    {
      ...common,
      metric: 'time',
      unit: 's',
      ours: median(ours.map(({ seconds }) => seconds)),
      peer: median(theirs.map(({ seconds }) => seconds)) ?? (tooLate ? timeLimitMs / 1000 : null),
      goal: one.goals.time[peer],
    },
    {
      ...common,
      metric: 'peak memory',
      unit: 'MB',
      ours: median(ours.map(({ peakMb }) => peakMb)),
      peer: median(theirs.map(({ peakMb }) => peakMb)),
      goal: one.goals.memory,
    },
  ]
}

function runsOf(outcomes: readonly ChildOutcome[]): Run[] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [JSON.parse(outcome.lastLine) as Run] : []))
}

function failure(outcomes: readonly ChildOutcome[]): string | undefined {
  for (const outcome of outcomes) {
    if (outcome.kind === 'time-limit') return `stopped at the time limit of ${timeLimitMs / 1000} s`
    if (outcome.kind === 'failed') {
      return `failed with ${peerMemoryMb} MB allowed: ${outcome.message.split('\n').at(-1)}`
    }
  }
  return undefined
}
