import { finishForest, type PreparedForest, prepareForest } from '../forest/fit.ts'
import type { ForestModel } from '../forest/model.ts'
import type { ForestOptions } from '../forest/options.ts'
import type { Tree } from '../forest/tree.ts'
import type { Frame } from '../frame.ts'
import { createPieceCounter, type PieceCounter } from './next-piece.ts'
import { resolveThreads, type ThreadOptions } from './options.ts'
import { runPool, workerScript } from './pool.ts'

export type TrainWork = Pick<PreparedForest, 'table' | 'rules'> & { readonly counter: PieceCounter }
export type GrownTree = { readonly index: number; readonly tree: Tree }

/**
 * As `fitForestClassifier`, with the trees grown in worker threads over one shared copy of the binned table;
 * preprocessing and binning run in the calling thread. The model is the same to the last bit for any number of
 * threads. Rejects with what `fitForestClassifier` throws, with the signal's reason when aborted, and with an
 * Error if a worker dies.
 */
export const fitForestClassifierInThreads = async (
  frame: Frame,
  target: ArrayLike<number>,
  options: ForestOptions & ThreadOptions = {},
): Promise<ForestModel> => {
  options.signal?.throwIfAborted()
  const { preprocessor, table, rules } = prepareForest(frame, target, options)
  const total = rules.nEstimators
  const threads = resolveThreads(options, total)
  const data: TrainWork = { table, rules, counter: createPieceCounter() }
  const trees = new Map<number, Tree>()
  await runPool({
    script: workerScript(new URL('./train-worker.ts', import.meta.url)),
    data,
    threads,
    signal: options.signal,
    onMessage(message) {
      const { index, tree } = message as GrownTree
      trees.set(index, tree)
      options.onProgress?.(trees.size, total)
    },
  })
  if (trees.size !== total) throw new Error(`only ${trees.size} of ${total} trees arrived from the workers`)
  const ordered = [...trees].sort(([a], [b]) => a - b).map(([, tree]) => tree)
  return finishForest(preprocessor, ordered)
}
