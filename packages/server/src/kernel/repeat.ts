/** Work that is done again and again. */
export interface Repetition {
  start(): void
  /** Waits for the work that is under way. */
  stop(): Promise<void>
}

/** Does work every so many milliseconds, counted from its last end; what fails is told and done again. */
export function repeat(
  everyMs: number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Repetition {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let stopped = false

  function schedule(): void {
    if (stopped) return
    timer = setTimeout(() => {
      running = work().catch(onError).then(schedule)
    }, everyMs)
    timer.unref()
  }

  return {
    start: schedule,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
