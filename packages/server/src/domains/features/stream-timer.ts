import type { Logger } from '../../kernel/logger.ts'
import type { FeatureService } from './service.ts'

/** Hops are whole seconds at least. */
const everyMs = 1000

/** Advances streams again and again; one pass at a time, and none that fails ends it. */
export function createStreamTimer(deps: {
  features: Pick<FeatureService, 'advanceStreams'>
  logger: Pick<Logger, 'warn'>
}) {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let stopped = false

  async function pass(): Promise<void> {
    try {
      const { failures } = await deps.features.advanceStreams()
      for (const { view, error } of failures) warn(error, view)
    } catch (error) {
      warn(error)
    }
    if (!stopped) schedule()
  }

  function warn(error: unknown, view?: string): void {
    const { message } = error as Error
    deps.logger.warn({ view, error: message }, 'events are not brought to the online store')
  }

  function schedule(): void {
    timer = setTimeout(() => {
      running = pass()
    }, everyMs)
    timer.unref()
  }

  return {
    start: schedule,
    /** Waits for the pass that runs. */
    async stop(): Promise<void> {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
