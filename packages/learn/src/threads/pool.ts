import { type MessagePort, Worker } from 'node:worker_threads'

export type PoolJob = {
  readonly script: URL
  /** What each worker finds as `workerData`. */
  readonly data: unknown
  /** For each worker those that it alone gets, as `ports` beside its number, `index`, in its data. */
  readonly ports?: readonly (readonly MessagePort[])[]
  readonly threads: number
  /** Most memory for young objects of a worker, in MB. Default: Node's, 48. */
  readonly youngMb?: number
  readonly signal?: AbortSignal
  readonly onMessage: (message: unknown) => void
}

/**
 * Runs the script in `threads` workers and resolves once all of them have ended well. Rejects, after all have
 * stopped, as soon as one throws, exits with another code than 0 or dies, when `onMessage` throws, and with
 * the signal's reason when it aborts. A worker's end is always reported by Node, so this never hangs.
 */
export const runPool = async (job: PoolJob): Promise<void> => {
  job.signal?.throwIfAborted()
  const workers = Array.from({ length: job.threads }, (_, index) => {
    const ports = job.ports?.[index]
    const workerData = ports ? { ...(job.data as object), ports, index } : job.data
    return new Worker(job.script, {
      workerData,
      transferList: [...(ports ?? [])],
      execArgv: [],
      resourceLimits: job.youngMb === undefined ? {} : { maxYoungGenerationSizeMb: job.youngMb },
    })
  })
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  const ended = workers.map(
    (worker, index) =>
      new Promise<void>((resolve) => {
        worker.on('error', stop)
        worker.on('message', (message) => {
          try {
            job.onMessage(message)
          } catch (error) {
            stop(error)
          }
        })
        worker.on('exit', (code) => {
          if (code === 0) resolve()
          else stop(new Error(`worker ${index + 1} of ${job.threads} stopped with exit code ${code}`))
        })
      }),
  )
  const onAbort = (): void => stop(job.signal?.reason)
  job.signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([Promise.all(ended), stopped])
  } finally {
    job.signal?.removeEventListener('abort', onAbort)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** The script under its source URL, or what it is called when this package runs as built JavaScript. */
export const workerScript = (source: URL): URL =>
  import.meta.url.endsWith('.ts') ? source : new URL(source.href.replace(/\.ts$/, '.js'))
