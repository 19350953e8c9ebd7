import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Column, createFrame, type Frame, predict, rocAuc } from '@millrace/learn'
import { fitInThreads } from '@millrace/learn/threads'
import type { Comparison, DataColumn, Run } from './cases.ts'
import { specs } from './specs.ts'

const [folder, comparison, trainingRows, seed] = process.argv.slice(2)
const training = Number(trainingRows)

const descriptions: DataColumn[] = JSON.parse(await readFile(join(folder, 'columns.json'), 'utf8'))
const labels = await readFile(join(folder, 'target.u8'))
const rows = labels.length
const file = await open(join(folder, 'values.f32'))

const bytes = Buffer.alloc(rows * 4)

/** Some rows of a column, in memory that threads can share. */
async function readColumn(index: number, begin: number, end: number): Promise<Column> {
  const values = new Float32Array(new SharedArrayBuffer((end - begin) * 4))
  await file.read(bytes, 0, values.byteLength, (index * rows + begin) * 4)
  new Uint8Array(values.buffer).set(bytes.subarray(0, values.byteLength))
  const { categories } = descriptions[index]
  if (categories === undefined) return { kind: 'numeric', values }
  const codes = new Int32Array(new SharedArrayBuffer(values.byteLength))
  for (let row = 0; row < values.length; row++) codes[row] = Number.isNaN(values[row]) ? -1 : values[row]
  return { kind: 'categorical', codes, categories }
}

async function readFrame(begin: number, end: number): Promise<Frame> {
  const columns: Record<string, Column> = {}
  for (const [index, { name }] of descriptions.entries()) columns[name] = await readColumn(index, begin, end)
  return createFrame(columns)
}

const frame = await readFrame(0, training)
const target = {
  kind: 'classes',
  classes: [0, 1],
  codes: Int32Array.from(labels.subarray(0, training)),
} as const
const started = performance.now()
const model = await fitInThreads(
  specs[comparison as Comparison](Number(seed)),
  { frame, target },
  { threads: 2 },
)
const seconds = (performance.now() - started) / 1000
const peakMb = process.resourceUsage().maxRSS / 1024

const prediction = predict(model, await readFrame(training, rows))
if (prediction.task !== 'classification') throw new Error(prediction.task)
const probabilities = prediction.probabilities.filter((_, at) => at % 2 === 1)
const run: Run = { seconds, peakMb, auc: rocAuc(labels.subarray(training), probabilities) }
console.log(JSON.stringify(run))
