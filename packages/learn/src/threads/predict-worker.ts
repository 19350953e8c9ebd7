import { parentPort, workerData } from 'node:worker_threads'
import { createPredictor } from '../forest/predict.ts'
import { takePiece } from './next-piece.ts'
import type { PredictWork } from './predict.ts'

const { model, frame, out, pieces, rowsPerPiece, counter } = workerData as PredictWork
const predict = createPredictor(model, frame)

for (let piece = takePiece(counter, pieces); piece !== undefined; piece = takePiece(counter, pieces)) {
  const begin = piece * rowsPerPiece
  predict(begin, out.subarray(begin, Math.min(begin + rowsPerPiece, frame.rows)))
  parentPort?.postMessage(piece)
}
