import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { type Case, cases, type Run } from './cases.ts'
import { suite } from './suite.ts'

const here = import.meta.dirname

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    for (const one of cases.filter(({ name }) => context.cases.includes(name)))
      await measure(context, one, python)
  },
}

async function measure(context: BenchContext, one: Case, python: string): Promise<void> {
  const folder = join(context.workDir, 'data', one.name)
  await mkdir(folder, { recursive: true })
  context.progress(`${one.name}: writing the table`)
  await getFromChild(process.execPath, [join(here, 'generate.ts'), folder, `${one.rows}`])
  const suiteFile = join(folder, 'suite.json')
  await writeFile(suiteFile, JSON.stringify(suite.map(({ type, kwargs }) => ({ type, kwargs }))))
  const ours: Run[] = []
  const theirs: Run[] = []
  for (let round = 1; round <= one.rounds; round++) {
    context.progress(`${one.name}, round ${round}: ours`)
    ours.push(await run(process.execPath, [join(here, 'ours.ts'), folder]))
    context.progress(`${one.name}, round ${round}: Great Expectations`)
    theirs.push(await run(python, [join(here, 'peer.py'), folder, suiteFile]))
  }
  compare(ours[0], theirs[0])
  const common = { case: one.name, better: 'lower', peerName: 'Great Expectations, pandas' } as const
  context.report({
    ...common,
    metric: 'time',
    unit: 's',
    ours: median(ours.map(({ seconds }) => seconds)),
    peer: median(theirs.map(({ seconds }) => seconds)),
    goal: one.goal,
  })
  context.report({
    ...common,
    metric: 'peak memory',
    unit: 'MB',
    ours: median(ours.map(({ peakMb }) => peakMb)),
    peer: median(theirs.map(({ peakMb }) => peakMb)),
    goal: null,
  })
}

async function run(command: string, args: readonly string[]): Promise<Run> {
  return JSON.parse(await getFromChild(command, args))
}

/** Both judge each expectation the same and find as many failing rows. @throws Error naming the first difference */
function compare({ results: ours }: Run, { results: theirs }: Run): void {
  const place = suite.findIndex((_, i) => JSON.stringify(ours[i]) !== JSON.stringify(theirs[i]))
  if (place < 0) return
  throw new Error(
    `${suite[place].type} ${JSON.stringify(suite[place].kwargs)}: we found ${JSON.stringify(ours[place])}, the peer ${JSON.stringify(theirs[place])}`,
  )
}
