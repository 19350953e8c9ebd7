import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import { median, percentile } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { type Case, cases, methods, type Run, recorded } from './cases.ts'

const here = import.meta.dirname

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    for (const one of cases.filter(({ name }) => context.cases.includes(name))) {
      if (one.method === 'tpe') await compareTpe(context, one, python)
      else await compareProcess(context, one)
    }
  },
}

/** Seeds in parts, ours and the peer's in turn. */
const parts = 3

async function compareTpe(context: BenchContext, one: Case, python: string): Promise<void> {
  const ours: Run[] = []
  const theirs: Run[] = []
  for (let part = 0; part < parts; part++) {
    context.progress(`${one.name}, part ${part + 1}: ours`)
    ours.push(await run(process.execPath, 'ours.ts', one, part, parts))
    context.progress(`${one.name}, part ${part + 1}: Optuna`)
    theirs.push(await run(python, 'peer.py', one, part, parts))
  }
  methods.tpe.checkpoints.forEach((trials, at) => {
    const own = regretsAt(ours, at)
    const peer = regretsAt(theirs, at)
    const middle = median(peer) ?? 0
    const [low, high] = [percentile(peer, 25) ?? 0, percentile(peer, 75) ?? 0]
    context.report({
      case: one.name,
      metric: `regret after ${trials} trials`,
      unit: '',
      better: 'lower',
      ours: median(own),
      peer: middle,
      peerName: 'Optuna, TPE',
      // Met inside the peer's quartiles, and below.
      goal: trials === 25 ? null : middle / high,
      note: `the peer's quartiles: ${low.toPrecision(3)} … ${high.toPrecision(3)}`,
    })
  })
  context.report({
    case: one.name,
    metric: 'CPU time per trial',
    unit: 'ms',
    better: 'lower',
    ours: median(ours.map(({ milliseconds }) => milliseconds)),
    peer: median(theirs.map(({ milliseconds }) => milliseconds)),
    peerName: 'Optuna, TPE',
    goal: 1,
  })
}

async function compareProcess(context: BenchContext, one: Case): Promise<void> {
  context.progress(`${one.name}: ours`)
  const ours = [await run(process.execPath, 'ours.ts', one, 0, 1)]
  const peer = recorded[one.function]
  const peerName = 'Optuna, GP, recorded'
  methods[one.method].checkpoints.forEach((trials, at) => {
    context.report({
      case: one.name,
      metric: `regret after ${trials} trials`,
      unit: '',
      better: 'lower',
      ours: median(regretsAt(ours, at)),
      peer: peer.medians[at],
      peerName,
      goal: 0.5,
    })
  })
  context.report({
    case: one.name,
    metric: 'CPU time per trial',
    unit: 'ms',
    better: 'lower',
    ours: ours[0].milliseconds,
    peer: peer.milliseconds,
    peerName,
    goal: null,
  })
}

/** In ascending order. */
function regretsAt(runs: readonly Run[], at: number): number[] {
  return runs.flatMap(({ regrets }) => regrets.map((own) => own[at])).sort((a, b) => a - b)
}

async function run(command: string, program: string, one: Case, part: number, count: number): Promise<Run> {
  const { sampler, seeds, checkpoints } = methods[one.method]
  const size = seeds / count
  const args = [one.function, sampler, `${part * size}`, `${size}`, ...checkpoints.map(String)]
  return JSON.parse(await getFromChild(command, [join(here, program), ...args]))
}
