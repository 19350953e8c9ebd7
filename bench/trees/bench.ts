import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'
import { columns, type Run, shownRows, storedRows, type Task, tasks } from './cases.ts'

const here = import.meta.dirname
const rounds = 5
const tolerance = 1e-5

/** How many times better than the peer. */
const goals: Readonly<Record<Task, number>> = {
  'one-row': 6,
  batch: 1,
  shap: 1,
}

export const bench: Bench = {
  cases: Object.keys(tasks),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    const folder = join(context.workDir, 'model')
    await mkdir(folder, { recursive: true })
    context.progress('training the trees')
    await getFromChild(python, [join(here, 'train.py'), folder, `${columns}`, `${storedRows}`])
    for (const task of Object.keys(tasks) as Task[])
      if (context.cases.includes(task)) await measure(context, task, folder, python)
  },
}

async function measure(context: BenchContext, task: Task, folder: string, python: string): Promise<void> {
  const peer = task === 'shap' ? 'shap' : 'ONNX Runtime for Node'
  const ours: Run[] = []
  const theirs: Run[] = []
  for (let round = 1; round <= rounds; round++) {
    context.progress(`${task}, round ${round}: ours`)
    ours.push(await run(process.execPath, [join(here, 'ours.ts'), folder, task]))
    context.progress(`${task}, round ${round}: ${peer}`)
    theirs.push(
      task === 'shap'
        ? await run(python, [
            join(here, 'peer-shap.py'),
            folder,
            `${columns}`,
            `${tasks.shap.rows}`,
            `${shownRows}`,
          ])
        : await run(process.execPath, [join(here, 'peer-onnx.ts'), folder, task]),
    )
  }
  compare(task, ours[0].answers, theirs[0].answers)
  context.report({
    case: task,
    metric: 'time per row',
    unit: 'µs',
    better: 'lower',
    ours: median(ours.map(({ microseconds }) => microseconds)),
    peer: median(theirs.map(({ microseconds }) => microseconds)),
    peerName: `${peer}, 1 thread`,
    goal: goals[task],
  })
}

async function run(command: string, args: readonly string[]): Promise<Run> {
  return JSON.parse(await getFromChild(command, args))
}

function compare(task: Task, ours: readonly number[], theirs: readonly number[]): void {
  const place = ours.findIndex((value, index) => !(Math.abs(value - theirs[index]) <= tolerance))
  if (place !== -1 || ours.length !== theirs.length)
    throw new Error(`${task}: answer ${place} is ${ours[place]}, the peer's is ${theirs[place]}`)
}
