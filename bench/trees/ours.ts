import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createFrame, type Frame, importXgboost, predict, shapValues } from '@millrace/learn'
import { columns, measure, type Run, shownRows, storedRows, type Task, tasks } from './cases.ts'

const [folder, task] = process.argv.slice(2)
const { rows } = tasks[task as Task]
const bytes = await readFile(join(folder, 'rows.f32'))
const values = new Float32Array(new Uint8Array(bytes).buffer)
const model = importXgboost(await readFile(join(folder, 'model.json')))

function toFrame(begin: number, count: number): Frame {
  return createFrame(
    Object.fromEntries(
      model.inputs.map(({ name }, column) => [
        name,
        {
          kind: 'numeric',
          values: Float32Array.from({ length: count }, (_, row) => values[(begin + row) * columns + column]),
        },
      ]),
    ),
  )
}

function answer(frame: Frame): number[] {
  if (task === 'shap') return [...shapValues(model, frame).values]
  const prediction = predict(model, frame)
  if (prediction.task !== 'classification') throw new Error(prediction.task)
  return [...prediction.probabilities.filter((_, at) => at % 2 === 1)]
}

const frames = Array.from({ length: Math.min(500, Math.floor(storedRows / rows)) }, (_, index) =>
  toFrame(index * rows, rows),
)
let next = 0
const work = task === 'shap' ? shapValues : predict
const microseconds = await measure(rows, () => {
  work(model, frames[next])
  next = (next + 1) % frames.length
})
const run: Run = { microseconds, answers: answer(toFrame(0, shownRows)) }
console.log(JSON.stringify(run))
