import { type ChildProcess, execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

/** Signals a child that leads a process group, and everything that it has started. */
export function signalGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid !== undefined) sendSignal(-child.pid, signal)
}

/**
 * Kills the process group of `pid` if, and only if, its command line carries `mark`; resolves when no process with
 * that pid and mark is left.
 */
export async function endMarkedProcess(pid: number, mark: string): Promise<void> {
  // A process that is on its way out has lost its command line already; so has a kernel thread, for ever.
  for (let unknown = 0; unknown < 200; ) {
    const line = await commandLine(pid)
    if (line === undefined || (line !== '' && !line.includes(mark))) return
    if (line === '') unknown++
    else sendSignal(-pid, 'SIGKILL')
    await delay(5)
  }
}

/** Undefined for a process that does not exist, or that has ended and only waits to be collected by its parent. */
async function commandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    if (stat === undefined || /\) [ZX] /.test(stat)) return undefined
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  }
  return promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
}

function sendSignal(pid: number, signal: 'SIGTERM' | 'SIGKILL') {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It has ended in the meantime, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
