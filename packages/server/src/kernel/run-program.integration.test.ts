import { expect, test } from 'vitest'
import { runProgram } from './run-program.ts'

const node = (code: string): [string, ...string[]] => [process.execPath, '-e', code]
const options = { cwd: '/', env: { A: 'b' } }

test('a program gets its arguments, its folder and its environment, and nothing of ours', async () => {
  const lines: string[] = []
  process.env.RUN_PROGRAM_SECRET = 'x'
  const code =
    'console.log(process.cwd()); console.error(JSON.stringify(process.env)); console.log(process.argv.at(-1))'
  const end = await runProgram([...node(code), '$A *'], { ...options, onLine: (line) => lines.push(line) })
  delete process.env.RUN_PROGRAM_SECRET
  expect(end).toEqual({ state: 'succeeded' })
  expect(lines.sort()).toEqual(['$A *', '/', '{"A":"b"}'])
})

test('a program that fails says how, and what it printed last', async () => {
  const code = 'for (let i = 0; i < 20; i++) console.log(i); process.exit(3)'
  const end = await runProgram(node(code), options)
  expect(end.state === 'failed' && end.reason).toMatch(
    /^it exited with code 3; it said last: 10 ⏎ 11 .* ⏎ 19$/,
  )
  expect(await runProgram(node('process.kill(process.pid, "SIGKILL")'), options)).toEqual({
    state: 'failed',
    reason: 'it was ended by SIGKILL',
  })
  expect(await runProgram(['/no/such/program'], options)).toEqual({
    state: 'failed',
    reason: 'spawn /no/such/program ENOENT',
  })
})

test('a program is killed with all that it has started, when that is asked for', async () => {
  const abort = new AbortController()
  const child = 'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"]'
  const code = `console.log(${child}).pid); setInterval(() => {}, 1e9)`
  const { promise, resolve } = Promise.withResolvers<number>()
  const running = runProgram(node(code), {
    ...options,
    signal: abort.signal,
    onLine: (line) => resolve(Number(line)),
  })
  const pid = await promise
  abort.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  await expect.poll(() => isAlive(pid), { timeout: 5000, interval: 5 }).toBe(false)
  await expect(runProgram(node(''), { ...options, signal: abort.signal })).rejects.toThrow('enough')
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
