import { randomFillSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { getFromChild, type RunningServer, startServerChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { preparePython } from '../harness/python-peer.ts'
import type { Bench, BenchContext } from '../harness/topic.ts'

const here = import.meta.dirname
const millrace = resolve(here, '../../packages/millrace/bin/millrace.js')

interface Case {
  name: string
  files: number
  rounds: number
  goal: number | null
}

const cases: readonly Case[] = [
  { name: '10k-files', files: 10_000, rounds: 3, goal: null },
  { name: '100k-files', files: 100_000, rounds: 3, goal: 10 },
]

type Times = Record<'add' | 'again', number[]>

export const bench: Bench = {
  cases: cases.map(({ name }) => name),
  async run(context) {
    const python = await preparePython(context.workDir, join(here, 'requirements.txt'), context.progress)
    for (const one of cases) {
      if (context.cases.includes(one.name)) await measure(context, one, join(dirname(python), 'dvc'))
    }
  },
}

async function measure(context: BenchContext, one: Case, dvc: string): Promise<void> {
  const root = join(context.workDir, 'data', one.name)
  const [ours, theirs]: [Times, Times] = [
    { add: [], again: [] },
    { add: [], again: [] },
  ]
  for (let round = 0; round < one.rounds; round++) {
    const [ourFolder, theirFolder] = [join(root, 'ours'), join(root, 'theirs')]
    context.progress(`${one.name}, round ${round + 1}: writing the files`)
    for (const folder of [ourFolder, theirFolder]) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
    }
    writeFiles([join(ourFolder, 'data'), join(theirFolder, 'data')], one.files)
    context.progress(`${one.name}, round ${round + 1}: ours`)
    const server = await startOurs(ourFolder)
    try {
      const add = () => runOurs(server, ['data', 'add', join(ourFolder, 'data'), '--name', 'data'])
      ours.add.push(await timed(add))
      const before = join(ourFolder, 'data.dvc')
      await runOurs(server, ['data', 'dvc', 'export', 'data', join(ourFolder, 'data'), '--project', 'bench'])
      change(ourFolder)
      ours.again.push(await timed(add))
      context.progress(`${one.name}, round ${round + 1}: DVC`)
      const run = (args: readonly string[]) => runDvc(dvc, theirFolder, args)
      await getFromChild('git', ['init', '-q', theirFolder])
      await run(['init', '-q'])
      theirs.add.push(await timed(() => run(['add', '-q', 'data'])))
      if (readFileSync(before, 'utf8') !== readFileSync(join(theirFolder, 'data.dvc'), 'utf8')) {
        throw new Error(`${one.name}: our version is not the folder that DVC has`)
      }
      change(theirFolder)
      theirs.again.push(await timed(() => run(['add', '-q', 'data'])))
    } finally {
      await server.stop()
    }
  }
  for (const metric of ['add', 'again'] as const) {
    context.report({
      case: one.name,
      metric,
      unit: 's',
      better: 'lower',
      ours: median(ours[metric]),
      peer: median(theirs[metric]),
      peerName: 'dvc add',
      goal: metric === 'add' ? one.goal : null,
    })
  }
  rmSync(root, { recursive: true, force: true })
}

/** The same files in each of the folders. */
function writeFiles(folders: readonly string[], count: number): void {
  const random = randomFillSync(Buffer.alloc(3500))
  for (let i = 0; i < count; i++) {
    const name = join(String(Math.floor(i / 1000)), `${i}.bin`)
    random.writeUInt32LE(i)
    const bytes = random.subarray(0, 500 + ((i * 37) % 3000))
    for (const folder of folders) {
      if (i % 1000 === 0) mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), bytes)
    }
  }
}

function change(folder: string): void {
  const path = join(folder, 'data', '7', '7007.bin')
  if (!existsSync(path)) throw new Error(`${path} is not there`)
  writeFileSync(path, 'changed')
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}

function startOurs(folder: string): Promise<RunningServer> {
  return startServerChild(process.execPath, [
    millrace,
    'up',
    '--port',
    '0',
    '--dir',
    join(folder, '.millrace'),
  ])
}

function runOurs({ url }: RunningServer, args: readonly string[]): Promise<string> {
  return getFromChild(process.execPath, [millrace, ...args, '--url', url])
}

function runDvc(dvc: string, folder: string, args: readonly string[]): Promise<string> {
  return getFromChild('env', ['DVC_NO_ANALYTICS=1', dvc, '--cd', folder, ...args])
}
