import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { FitData, IterationLoss, LearnerSpec } from '../learner.ts'
import { getLearnerKind } from '../learners.ts'
import type { Model } from '../model.ts'
import { resolveThreads, type ThreadOptions } from './options.ts'
import { runPool, workerScript } from './pool.ts'
import { shareFitData } from './share-data.ts'
import { type Control, createControl } from './team-control.ts'

/** What each worker of a fit is given. */
export interface FitWork {
  readonly spec: LearnerSpec
  readonly data: FitData
  readonly shared: Control
  readonly threads: number
  /** Whether losses are to be sent. */
  readonly withLoss: boolean
  /** Its number; 0 leads the others. */
  readonly index: number
  /** Of the leader: one to each of the others. Of the others: one to the leader. */
  readonly ports: readonly MessagePort[]
}

export type FitMessage =
  | { readonly done: number; readonly total: number }
  | { readonly loss: IterationLoss }
  | { readonly model: Model }

export type FitThreadOptions = ThreadOptions & {
  /** As of `fit`, called in the calling thread. */
  readonly onLoss?: (loss: IterationLoss) => void
}

/** A pool that starts this many workers, however many pieces the work has. */
const anyNumber = 1024

/** Trees are grown in memory that is shared: short-lived objects are few, and room for more is only touched once. */
const youngMb = 6

/**
 * As `fit`, in worker threads: the same model, to the last bit. Learners that do not share their work among threads
 * run in one of them. Columns, target and weights are copied into shared memory, unless they lie there already. The
 * workers load this package anew, which takes a fraction of the time where NODE_COMPILE_CACHE is set.
 * Rejects with what `fit` throws, with the signal's reason when aborted, and with an Error if a worker dies.
 */
export const fitInThreads = async (
  spec: LearnerSpec,
  data: FitData,
  options: FitThreadOptions = {},
): Promise<Model> => {
  options.signal?.throwIfAborted()
  const threads = resolveThreads(options, anyNumber)
  getLearnerKind(spec.kind)
  const channels = Array.from({ length: threads - 1 }, () => new MessageChannel())
  const ports = [channels.map(({ port1 }) => port1), ...channels.map(({ port2 }) => [port2])]
  const withLoss = options.onLoss !== undefined
  const common = { spec, data: shareFitData(data), shared: createControl(), threads, withLoss }
  let model: Model | undefined
  await runPool({
    script: workerScript(new URL('./fit-worker.ts', import.meta.url)),
    data: common,
    ports,
    threads,
    youngMb,
    signal: options.signal,
    onMessage(message) {
      const received = message as FitMessage
      if ('model' in received) model = received.model
      else if ('loss' in received) options.onLoss?.(received.loss)
      else options.onProgress?.(received.done, received.total)
    },
  })
  if (model === undefined) throw new Error('the fit ended without a model')
  return model
}
