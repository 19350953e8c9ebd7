import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Result } from './harness/measurement.ts'

/** Prints the recorded results of a topic as the table of its README: `node bench/results-table.ts <topic>`. */
const topic = process.argv[2]
if (topic === undefined) throw new Error('Say which topic: node bench/results-table.ts <topic>')
const text = await readFile(join(import.meta.dirname, topic, 'results.jsonl'), 'utf8')
const lines = text.trim().split('\n').slice(1)

console.log('| case | metric | ours | peer | | ratio | goal |')
console.log('|---|---|---|---|---|---|---|')
for (const line of lines) console.log(toRow(JSON.parse(line)))

function toRow({ case: name, metric, unit, ours, peer, peerName, ratio, goal, ok }: Result): string {
  const withUnit = (value: number | null) => (value === null ? '–' : `${value} ${unit}`)
  const judged = goal === null ? '' : `${goal}${ok ? '' : ' **missed**'}`
  const cells = [`\`${name}\``, metric, withUnit(ours), withUnit(peer), peerName, ratio ?? '–', judged]
  return `| ${cells.join(' | ')} |`
}
