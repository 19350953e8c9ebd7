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
  while ((await commandLine(pid)).includes(mark)) {
    sendSignal(-pid, 'SIGKILL')
    await delay(5)
  }
}

/** Empty for a process that does not exist or has ended but was not yet collected by its parent. */
async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  }
  return promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout,
    () => '',
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
