import type { Logger } from '../../kernel/logger.ts'
import { type Repetition, repeat } from '../../kernel/repeat.ts'
import type { FeatureService } from './service.ts'

/** Hops are whole seconds at least. */
const everyMs = 1000

/** Advances streams again and again; one pass at a time, and none that fails ends it. */
export function createStreamTimer(deps: {
  features: Pick<FeatureService, 'advanceStreams'>
  logger: Pick<Logger, 'warn'>
}): Repetition {
  function warn(error: unknown, view?: string): void {
    const { message } = error as Error
    deps.logger.warn({ view, error: message }, 'events are not brought to the online store')
  }

  async function pass(): Promise<void> {
    const { failures } = await deps.features.advanceStreams()
    for (const { view, error } of failures) warn(error, view)
  }

  return repeat(everyMs, pass, (error) => warn(error))
}
