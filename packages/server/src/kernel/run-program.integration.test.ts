import { execFileSync } from 'node:child_process'
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
  const code = 'for (let i = 0; i < 20; i++) console.log(i); console.log("x".repeat(1e6)); process.exit(3)'
  const end = await runProgram(node(code), options)
  expect(end).toMatchObject({ state: 'failed', reason: 'it exited with code 3' })
  const said = end.state === 'failed' ? end.said : []
  expect(said.slice(0, -1)).toEqual(['11', '12', '13', '14', '15', '16', '17', '18', '19'])
  expect(said.at(-1)?.length).toBeLessThan(5000)
  expect(await runProgram(node('process.kill(process.pid, "SIGKILL")'), options)).toMatchObject({
    reason: 'it was ended by SIGKILL',
  })
  expect(await runProgram(['/no/such/program'], options)).toMatchObject({
    reason: 'spawn /no/such/program ENOENT',
  })
})

test('a program ends when that is asked for, and with the group of its caller', async () => {
  const abort = new AbortController()
  const { promise, resolve } = Promise.withResolvers<number>()
  const running = runProgram(node('console.log(process.pid); setInterval(() => {}, 1e9)'), {
    ...options,
    signal: abort.signal,
    onLine: (line) => resolve(Number(line)),
  })
  const pid = await promise
  const groupOf = (of: number) =>
    execFileSync('ps', ['-o', 'pgid=', '-p', String(of)], { encoding: 'utf8' }).trim()
  expect(groupOf(pid)).toBe(groupOf(process.pid))
  abort.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  await expect(runProgram(node(''), { ...options, signal: abort.signal })).rejects.toThrow('enough')
})

test('a program that leaves something running has ended', async () => {
  const child = 'require("child_process").spawn("sleep", ["5"], { stdio: "inherit" })'
  expect(
    await runProgram(node(`${child}; process.exit(0)`), {
      ...options,
      env: { PATH: process.env.PATH ?? '' },
    }),
  ).toEqual({
    state: 'succeeded',
  })
})
