import { createFrame, numericColumn, predict, rocAuc } from '@millrace/learn'
import { fitInThreads } from '@millrace/learn/threads'
import { specs } from './specs.ts'

// Has Node compile all that a run of ours.ts uses, in its threads, too.
const rows = 1000
const frame = createFrame({ x: numericColumn(Array.from({ length: rows }, (_, row) => row)) })
const codes = Int32Array.from({ length: rows }, (_, row) => row % 2)
for (const make of Object.values(specs)) {
  const target = { kind: 'classes', classes: [0, 1], codes } as const
  const prediction = predict(await fitInThreads(make(1), { frame, target }, { threads: 2 }), frame)
  if (prediction.task !== 'classification') throw new Error(prediction.task)
  rocAuc(
    codes,
    prediction.probabilities.filter((_, at) => at % 2 === 1),
  )
}
