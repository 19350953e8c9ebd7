import { availableParallelism } from 'node:os'
import type { TaskProcess } from './task-process.ts'

/** After so many tasks a process ends, for what they leave in its memory. */
const tasksPerProcess = 200

interface Waiting {
  key: string
  process: TaskProcess
  timer: NodeJS.Timeout
}

/** Processes that wait for another task; few, and not for long. */
export function createProcessPool(options: { idleMs: number }) {
  const most = Math.max(2, availableParallelism())
  // Oldest first.
  let waiting: Waiting[] = []

  function remove(found: Waiting) {
    clearTimeout(found.timer)
    waiting = waiting.filter((entry) => entry !== found)
  }
  function end(found: Waiting) {
    remove(found)
    found.process.signal('SIGKILL')
  }

  return {
    /** The process that has waited for the shortest time for tasks of this key. */
    take(key: string): TaskProcess | undefined {
      const found = waiting.findLast((entry) => entry.key === key && entry.process.alive)
      if (found) remove(found)
      return found?.process
    },
    put(key: string, process: TaskProcess) {
      if (!process.alive) return
      if (process.tasks >= tasksPerProcess) return process.signal('SIGKILL')
      const entry: Waiting = { key, process, timer: setTimeout(() => end(entry), options.idleMs).unref() }
      waiting.push(entry)
      if (waiting.length > most && waiting[0]) end(waiting[0])
    },
    has: (nonce: string) => waiting.some((entry) => entry.process.nonce === nonce),
    /** Forgets a process that has ended by itself. */
    drop(process: TaskProcess) {
      const found = waiting.find((entry) => entry.process === process)
      if (found) remove(found)
    },
    close() {
      for (const entry of waiting) end(entry)
    },
  }
}
