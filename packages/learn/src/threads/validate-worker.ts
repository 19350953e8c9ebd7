import { parentPort, workerData } from 'node:worker_threads'
import { getLearnerKind } from '../learners.ts'
import { runFitTask } from '../validation/fit-task.ts'
import { takePiece } from './next-piece.ts'
import type { FinishedTask, ValidateWork } from './validate.ts'

const { tasks, data, counter } = workerData as ValidateWork

for (
  let index = takePiece(counter, tasks.length);
  index !== undefined;
  index = takePiece(counter, tasks.length)
) {
  const finished: FinishedTask = { index, predictions: runFitTask(getLearnerKind, tasks[index], { data }) }
  parentPort?.postMessage(finished)
}
