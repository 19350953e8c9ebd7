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

const block = new Float32Array(65_536)

/** Some rows of a column, in memory that threads can share. */
async function readColumn(index: number, begin: number, end: number): Promise<Column> {
  const { categories } = descriptions[index]
  const memory = new SharedArrayBuffer((end - begin) * 4)
  const values = new Float32Array(memory)
  const codes = new Int32Array(memory)
  for (let row = begin; row < end; row += block.length) {
    const read = block.subarray(0, end - row)
    await file.read(read, 0, read.byteLength, (index * rows + row) * 4)
    if (categories === undefined) values.set(read, row - begin)
    else
      for (let at = 0; at < read.length; at++)
        codes[row - begin + at] = Number.isNaN(read[at]) ? -1 : read[at]
  }
  return categories === undefined ? { kind: 'numeric', values } : { kind: 'categorical', codes, categories }
}

async function readFrame(begin: number, end: number): Promise<Frame> {
  const columns: Record<string, Column> = {}
  for (const [index, { name }] of descriptions.entries()) columns[name] = await readColumn(index, begin, end)
  return createFrame(columns)
}

const frame = await readFrame(0, training)
const codes = new Int32Array(new SharedArrayBuffer(training * 4))
codes.set(labels.subarray(0, training))
const target = { kind: 'classes', classes: [0, 1], codes } as const
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
