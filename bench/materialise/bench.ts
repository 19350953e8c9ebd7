import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { type Case, cases, features, sampledKeys, start, until } from './cases.ts'

const here = import.meta.dirname
/** What we want, rows of an entity a second, whatever the peer does. */
const wantedRate = 300_000

interface Run {
  seconds: number
  cpuSeconds: number
  peakMb: number
  /** By feature, then by key. */
  values: (number | null)[][]
}

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const chosen = cases.filter(({ name }) => context.cases.includes(name))
    const python = chosen.some(({ peer }) => peer)
      ? await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
      : ''
    for (const one of chosen) await measure(context, one, python)
  },
}

async function measure(context: BenchContext, one: Case, python: string): Promise<void> {
  const folder = join(context.workDir, 'data', one.name)
  context.progress(`${one.name}: writing the data`)
  await getFromChild(process.execPath, [join(here, 'generate.ts'), folder, one.name])
  const runs: Record<'ours' | 'feast', Run[]> = { ours: [], feast: [] }
  for (let round = 0; round < one.rounds; round++) {
    context.progress(`${one.name}, round ${round + 1}: ours`)
    const ours = await getFromChild(process.execPath, [join(here, 'ours.ts'), folder, one.name])
    runs.ours.push(JSON.parse(ours))
    if (!one.peer) continue
    context.progress(`${one.name}, round ${round + 1}: Feast`)
    const asked = [`${start}`, `${until}`, JSON.stringify(features), JSON.stringify(sampledKeys)]
    runs.feast.push(JSON.parse(await getFromChild(python, [join(here, 'peer.py'), folder, ...asked])))
  }
  const [ours, feast] = [runs.ours[0], runs.feast[0]]
  if (feast && JSON.stringify(ours.values) !== JSON.stringify(feast.values)) {
    throw new Error(
      `${one.name}: the values differ: ${JSON.stringify(ours.values)}, ${JSON.stringify(feast.values)}`,
    )
  }
  const rate = (side: 'ours' | 'feast') =>
    runs[side].length === 0 ? null : median(runs[side].map(({ seconds }) => one.keys / seconds))
  const speed = {
    case: one.name,
    metric: 'rows',
    unit: 'rows/s',
    better: 'higher',
    ours: rate('ours'),
  } as const
  if (one.peer) context.report({ ...speed, peer: rate('feast'), peerName: 'Feast', goal: 1 })
  context.report({
    ...speed,
    ...{ peer: wantedRate, peerName: 'what we want', goal: one.goal ? 1 : null },
  })
  for (const [metric, name, unit] of [
    ['cpuSeconds', 'CPU time', 's'],
    ['peakMb', 'peak memory', 'MB'],
  ] as const) {
    const of = (side: 'ours' | 'feast') =>
      runs[side].length === 0 ? null : median(runs[side].map((run) => run[metric]))
    const about = { case: one.name, metric: name, unit, better: 'lower', ours: of('ours') } as const
    context.report({ ...about, peer: of('feast'), peerName: 'Feast', goal: null })
  }
}
