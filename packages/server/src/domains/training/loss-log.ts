import type { IterationLoss } from '@millrace/learn'
import type { LoggedMetric } from '../tracking/index.ts'

const intervalMs = 1000
/** As many as tracking takes at once. */
const mostMetrics = 5000

export interface LossLog {
  add(loss: IterationLoss): void
  /** Logs the rest. @throws what logging threw, then or before */
  end(): Promise<void>
}

/** Logs losses as they come, a batch each second: `training_loss` and `validation_loss`, `step` being the iteration. */
export function createLossLog(deps: {
  log(metrics: readonly LoggedMetric[]): Promise<void>
  now(): number
}): LossLog {
  let waiting: LoggedMetric[] = []
  let flushed = deps.now()
  let logging = Promise.resolve()

  function flush(): void {
    const batch = waiting
    waiting = []
    flushed = deps.now()
    if (batch.length === 0) return
    logging = logging.then(() => deps.log(batch))
    // It is thrown at the end; a fit that fails first has a better reason.
    logging.catch(() => undefined)
  }

  return {
    add({ iteration, training, validation }) {
      const at = deps.now()
      waiting.push({ key: 'training_loss', value: training, at, step: iteration })
      if (validation !== undefined)
        waiting.push({ key: 'validation_loss', value: validation, at, step: iteration })
      if (at - flushed >= intervalMs || waiting.length >= mostMetrics) flush()
    },
    end() {
      flush()
      return logging
    },
  }
}
