import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { aucTolerance, type Case, cases, comparisons, type Run } from './cases.ts'

const here = import.meta.dirname

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    // Where Node keeps what it made of the sources, as Python has compiled files beside its own. The first fit fills it.
    process.env.NODE_COMPILE_CACHE = join(context.workDir, 'compiled')
    await getFromChild(process.execPath, [join(here, 'warm-up.ts')])
    for (const one of cases.filter(({ name }) => context.cases.includes(name))) {
      await measure(context, one, python)
    }
  },
}

async function measure(context: BenchContext, one: Case, python: string): Promise<void> {
  const folder = join(context.workDir, 'data', one.data.name)
  if (!(await exists(join(folder, 'target.u8')))) {
    context.progress(`${one.name}: writing the data`)
    await getFromChild(process.execPath, [join(here, 'generate.ts'), folder, one.data.name])
  }
  const rows = `${one.data.trainingRows}`
  const { peer, peerName, time } = comparisons[one.comparison]
  const ours: Run[] = []
  const theirs: Run[] = []
  for (let round = 1; round <= one.rounds; round++) {
    context.progress(`${one.name}, round ${round}: ours`)
    ours.push(await run(process.execPath, [join(here, 'ours.ts'), folder, one.comparison, rows, `${round}`]))
    context.progress(`${one.name}, round ${round}: ${peer}`)
    theirs.push(await run(python, [join(here, 'peer.py'), peer, folder, rows, `${round}`]))
  }
  const report = (metric: string, unit: string, field: keyof Run, better: 'higher' | 'lower', goal: number) =>
    context.report({
      case: one.name,
      metric,
      unit,
      better,
      ours: median(ours.map((run) => run[field])),
      peer: median(theirs.map((run) => run[field])),
      peerName,
      goal,
    })
  report('fit time', 's', 'seconds', 'lower', time)
  report('peak memory', 'MB', 'peakMb', 'lower', 1)
  const auc = median(theirs.map((run) => run.auc)) ?? 1
  report('AUC', '', 'auc', 'higher', (auc - aucTolerance) / auc)
}

async function run(command: string, args: readonly string[]): Promise<Run> {
  return JSON.parse(await getFromChild(command, args))
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}
