import type { ForestModel } from '../forest/model.ts'
import { createPredictor } from '../forest/predict.ts'
import type { Frame } from '../frame.ts'
import { createPieceCounter, type PieceCounter } from './next-piece.ts'
import { resolveThreads, type ThreadOptions } from './options.ts'
import { runPool, workerScript } from './pool.ts'
import { shareColumn } from './share-column.ts'

const rowsPerPiece = 32_768

export type PredictWork = {
  readonly model: ForestModel
  readonly frame: Frame
  readonly out: Float64Array
  readonly pieces: number
  readonly rowsPerPiece: number
  readonly counter: PieceCounter
}

/**
 * As `predictProbability`, in worker threads. Columns are copied once into shared memory, unless they lie
 * there already. Rejects with what `predictProbability` throws, with the signal's reason when aborted, and
 * with an Error if a worker dies.
 */
export const predictProbabilityInThreads = async (
  model: ForestModel,
  frame: Frame,
  options: ThreadOptions = {},
): Promise<Float64Array> => {
  options.signal?.throwIfAborted()
  // Checks the columns here, where the caller gets the error at once.
  createPredictor(model, frame)
  const pieces = Math.ceil(frame.rows / rowsPerPiece)
  const threads = resolveThreads(options, pieces)
  const columns = Object.entries(frame.columns).map(([name, column]) => [name, shareColumn(column)])
  const data: PredictWork = {
    model,
    frame: { rows: frame.rows, columns: Object.fromEntries(columns) },
    out: new Float64Array(new SharedArrayBuffer(frame.rows * 8)),
    pieces,
    rowsPerPiece,
    counter: createPieceCounter(),
  }
  let done = 0
  await runPool({
    script: workerScript(new URL('./predict-worker.ts', import.meta.url)),
    data,
    threads,
    signal: options.signal,
    onMessage() {
      done += 1
      options.onProgress?.(Math.min(done * rowsPerPiece, frame.rows), frame.rows)
    },
  })
  return data.out.slice()
}
