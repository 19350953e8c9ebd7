import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCommandLine, usage } from './harness/command-line.ts'
import { describeMachine } from './harness/machine.ts'
import { toResult } from './harness/measurement.ts'
import { listTopics, loadBench, summaryOf } from './harness/topic.ts'

const root = import.meta.dirname

async function main(args: readonly string[]): Promise<number> {
  const topics = await listTopics(root)
  const command = parseCommandLine(args, topics)
  switch (command.kind) {
    case 'help':
      console.log(usage)
      return 0
    case 'wrong':
      console.error(command.message)
      return 2
    case 'list':
      for (const topic of topics) console.log(`${topic}\n    ${await summaryOf(root, topic)}`)
      return 0
    case 'run':
      return runTopics(command.topics, command.only)
  }
}

async function runTopics(topics: readonly string[], only: string | undefined): Promise<number> {
  const machine = JSON.stringify({ machine: describeMachine(new Date()) })
  console.log(machine)
  let missed = 0
  for (const topic of topics) {
    const bench = await loadBench(root, topic)
    if (only !== undefined && !bench.cases.includes(only)) {
      console.error(`${topic} has no case "${only}"; cases are: ${bench.cases.join(', ')}`)
      return 2
    }
    const lines = [machine]
    const workDir = join(root, '.peers', topic)
    await mkdir(workDir, { recursive: true })
    await bench.run({
      cases: only === undefined ? bench.cases : [only],
      workDir,
      progress: (message) => console.error(`${topic}: ${message}`),
      report: (measurement) => {
        const result = toResult(topic, measurement)
        if (!result.ok) missed++
        const line = JSON.stringify(result)
        lines.push(line)
        console.log(line)
      },
    })
    if (only === undefined) await writeFile(join(root, topic, 'results.jsonl'), `${lines.join('\n')}\n`)
  }
  return missed > 0 ? 1 : 0
}

process.on('SIGINT', () => process.exit(130))
process.exitCode = await main(process.argv.slice(2))
