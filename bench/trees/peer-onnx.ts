import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { columns, measure, type Run, shownRows, storedRows, type Task, tasks } from './cases.ts'

const [folder, task] = process.argv.slice(2)
const { rows } = tasks[task as Task]
const bytes = await readFile(join(folder, 'rows.f32'))
const values = new Float32Array(new Uint8Array(bytes).buffer)

const session = await InferenceSession.create(join(folder, 'model.onnx'), {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
})

async function predict(begin: number, count: number): Promise<Float32Array> {
  const data = values.subarray(begin * columns, (begin + count) * columns)
  const results = await session.run({
    [session.inputNames[0]]: new Tensor('float32', data, [count, columns]),
  })
  return results[session.outputNames[1]].data as Float32Array
}

let next = 0
const microseconds = await measure(rows, async () => {
  await predict(next, rows)
  next = (next + rows) % storedRows
})
const both = await predict(0, shownRows)
const run: Run = { microseconds, answers: Array.from(both).filter((_, at) => at % 2 === 1) }
console.log(JSON.stringify(run))
