import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '@millrace/protocol'
import type { TaskContext } from '../executor.ts'

/** What the tasks of the executor contract can do; the payload of a task is one of these. */
export type ContractTask =
  | { do: 'echo'; value: unknown }
  | { do: 'throw'; message: string }
  | { do: 'refuse' }
  | { do: 'exit'; code: number }
  | { do: 'exhaust-memory' }
  | { do: 'wait-for-abort' }
  | { do: 'wait-for-ever' }
  | { do: 'block' }
  | { do: 'start-process'; thenBlock: boolean }
  | { do: 'report' }
  | { do: 'print'; lines: number; length: number }
  | { do: 'environment' }
  | { do: 'temp-dir' }
  | { do: 'pid'; print?: string }
  | { do: 'speak-later' }
  | { do: 'wait-for-words' }
  | { do: 'leave'; what: 'timer' | 'process' | 'environment' | 'directory' }

/** The body of the process under test. The first log line of tasks that do not end is `pids <own> [<child>]`. */
export async function runContractTask(payload: unknown, context: TaskContext): Promise<unknown> {
  const task = payload as ContractTask
  switch (task.do) {
    case 'echo':
      return task.value
    case 'throw':
      throw new Error(task.message)
    case 'refuse':
      throw fail('object.not_found', { key: 'a' })
    case 'exit':
      return process.exit(task.code)
    case 'exhaust-memory': {
      const hoard: number[][] = []
      for (;;) hoard.push(Array.from({ length: 10_000 }, (_, i) => i + hoard.length + 0.5))
    }
    case 'wait-for-abort': {
      context.log(`pids ${process.pid}`)
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
      throw context.signal.reason
    }
    case 'wait-for-ever':
      context.log(`pids ${process.pid}`)
      return new Promise(() => setInterval(() => {}, 1 << 30))
    case 'block':
      await announce(`pids ${process.pid}`)
      for (;;);
    case 'start-process': {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)'], { stdio: 'inherit' })
      await announce(`pids ${process.pid} ${child.pid}`)
      while (task.thenBlock);
      return new Promise(() => {})
    }
    case 'report':
      context.progress({ fraction: 0.5, message: 'half' })
      context.log('said')
      await announce('printed')
      process.stdout.write('no line end')
      return null
    case 'print':
      for (let i = 0; i < task.lines; i++) process.stdout.write(`${'é'.repeat(task.length)}\n`)
      return null
    case 'environment':
      return process.env
    case 'pid':
      if (task.print !== undefined) process.stdout.write(task.print)
      return process.pid
    case 'speak-later':
      // Does not keep the process alive.
      setTimeout(() => context.log('too late'), 50).unref()
      return process.pid
    case 'wait-for-words':
      await new Promise((resolve) => setTimeout(resolve, 200))
      return process.pid
    case 'leave':
      if (task.what === 'timer') setInterval(() => {}, 1 << 30)
      else if (task.what === 'process') spawn(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)'])
      else if (task.what === 'environment') process.env.LEFT = 'behind'
      else process.chdir(context.tempDir)
      return process.pid
    case 'temp-dir':
      await writeFile(join(context.tempDir, 'file'), 'x')
      return context.tempDir
  }
}

/** Written to the end before the caller blocks its thread. */
function announce(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()))
}
