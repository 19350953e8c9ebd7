import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fail } from '@millrace/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { loadProject } from '../bundle/index.ts'
import { createTestTerminal } from '../testing/terminal.ts'
import { runCli } from './run-cli.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A server that answers by path, to see what a command makes of the answers. */
async function answering(answers: Record<string, unknown>): Promise<string> {
  const server = createServer((request, response) => {
    const key = `${request.method} ${request.url?.split('?')[0]}`
    const found = key in answers
    const missing = fail('request.not_found', { method: request.method, path: request.url }).toBody()
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(found ? answers[key] : missing))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function cli(args: string[], env: Record<string, string> = {}) {
  const { terminal, written } = createTestTerminal({ env, cwd: folder })
  const code = await runCli(args, terminal, { stop: () => Promise.resolve() })
  return { code, ...written }
}

describe('help and wrong usage', () => {
  it('lists the commands, and the options and examples of each', async () => {
    const { code, out } = await cli(['--help'])
    expect(code).toBe(0)
    for (const command of ['init', 'up', 'apply', 'run', 'status', 'predict', 'explain']) {
      expect(out).toContain(`\n  ${command} `)
      const help = await cli([command, '--help'])
      expect(help.code).toBe(0)
      expect(help.out).toMatch(/Examples?:\n {2}/)
      expect(help.out).toContain('--json')
    }
  })

  it.each<[string, string[], string]>([
    ['an unknown command', ['aply'], "unknown command 'aply'"],
    ['an unknown option', ['apply', '--forse'], "unknown option '--forse'"],
    ['a missing argument', ['run'], "missing required argument 'pipeline'"],
    ['too many arguments', ['status', 'x'], 'too many arguments'],
    [
      'a port that is none',
      ['up', '--port', '70000'],
      '--port takes a whole number from 0 to 65535, got "70000"',
    ],
    [
      'an empty token variable',
      ['up', '--token-env', 'MY_TOKEN'],
      'the environment variable MY_TOKEN is empty',
    ],
    ['a URL that is none', ['status', '--url', 'localhost:5000'], '"localhost:5000" is not a URL'],
    ['no inputs', ['predict', 'late'], 'give either --inputs or --file'],
    ['inputs that are no JSON', ['predict', 'late', '--inputs', '{'], '--inputs is not JSON'],
    [
      'inputs that are no object',
      ['predict', 'late', '--inputs', '3'],
      '--inputs must be a JSON object, got 3',
    ],
    [
      'a file that is not there',
      ['predict', 'late', '--file', 'x.json'],
      'cannot read x.json: there is no such file',
    ],
    ['a time that is none', ['materialize', 'v', '--until', 'now'], 'the parameter "until" must be a time'],
  ])('exits with 2 and one line for %s', async (_what, args, message) => {
    const { code, out, err } = await cli(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })

  it('shows the help and exits with 2 when called with nothing', async () => {
    const { code, err } = await cli([])
    expect(code).toBe(2)
    expect(err).toContain('Usage: millrace')
  })
})

describe('errors', () => {
  it('exits with 1 and one line, or the error body with --json', async () => {
    const plain = await cli(['apply', '--config', 'none.ts'])
    expect(plain.code).toBe(1)
    expect(plain.err).toMatch(/^error: There is no configuration ".*none\.ts"\. Give one with --config.*\n$/)
    const json = await cli(['apply', '--config', 'none.ts', '--json'])
    expect(json.code).toBe(1)
    expect(JSON.parse(json.err)).toMatchObject({ error_code: 'project.not_found' })
  })
})

describe('run', () => {
  const definition = { kind: 'pipeline', name: 'p', params: { n: { type: 'int64' } }, nodes: [] }
  const base = { id: 'r1', pipeline: 'p', startedAt: 0, finishedAt: 1500, state: 'succeeded' }
  const step = { node: 'a', needs: [], attempt: 1, startedAt: 0, finishedAt: 900, state: 'succeeded' }
  const answers = (run: object) => ({
    'GET /v1/definitions/pipeline/p': definition,
    'POST /v1/pipelines/p/runs': base,
    'GET /v1/pipeline-runs/r1': { ...base, ...run },
  })

  it('follows a run and says how it ended', async () => {
    const url = await answering(answers({ steps: [step] }))
    const { code, out, err } = await cli(['run', 'p', '--param', 'n=1'], { MILLRACE_URL: url })
    expect(code).toBe(0)
    expect(err).toBe('run r1 of p\nsucceeded a  0.9 s\n')
    expect(out).toBe('succeeded r1 in 1.5 s\n')
  })

  it('exits with 1 when the run failed', async () => {
    const error = { code: 'step.failed', message: 'no rows', retryable: false }
    const failed = { state: 'failed', steps: [{ ...step, state: 'failed', error }] }
    const url = await answering(answers(failed))
    const { code, out } = await cli(['run', 'p', '--url', url])
    expect(code).toBe(1)
    expect(out).toBe('failed r1 in 1.5 s: a: no rows\n')
    const json = await cli(['run', 'p', '--url', url, '--json'])
    expect(json).toMatchObject({ code: 1, err: '' })
    expect(JSON.parse(json.out)).toMatchObject({ id: 'r1', state: 'failed' })
  })

  it('only starts it with --no-wait', async () => {
    const url = await answering(answers({}))
    expect(await cli(['run', 'p', '--no-wait', '--url', url])).toEqual({
      code: 0,
      out: 'started r1\n',
      err: '',
    })
  })
})

describe('predict', () => {
  const prediction = {
    id: 'a',
    prediction: { label: true, probability: 0.75 },
    modelVersion: 'm/1',
    revision: 1,
  }

  it('prints a prediction', async () => {
    const url = await answering({ 'POST /v1/endpoints/late/predict': prediction })
    const { out } = await cli(['predict', 'late', '--inputs', '{"a":1}', '--url', url])
    expect(out).toBe('true  probability 0.75  m/1  a\n')
  })

  it('reads rows from a file and exits with 1 if one was refused', async () => {
    await writeFile(join(folder, 'rows.ndjson'), '{"a":1}\n{"a":"x"}\n')
    const refused = { error: { error_code: 'request.invalid', message: 'a', details: {} } }
    const url = await answering({ 'POST /v1/endpoints/late/predict': { items: [prediction, refused] } })
    const { code, out } = await cli(['predict', 'late', '--file', 'rows.ndjson', '--url', url])
    expect(code).toBe(1)
    expect(out.trimEnd().split('\n')).toHaveLength(2)
  })
})

describe('explain', () => {
  it('prints the prediction and what each feature adds to it', async () => {
    const contributions = [{ feature: 'a', value: 1, contribution: 0.5 }]
    const explanation = { link: 'logistic', scores: [{ label: 1, base: -1, score: -0.5, contributions }] }
    const answer = {
      prediction: { label: 0, probability: 0.378 },
      modelVersion: 'm/1',
      revision: 1,
      explanation,
    }
    const url = await answering({ 'POST /v1/endpoints/late/explain': answer })
    const args = ['explain', 'late', '--inputs', '{"a":1}', '--url', url]
    expect((await cli(args)).out).toBe(
      `0  probability 0.378  m/1\n\nlog-odds of 1: -0.5, of which -1 for no row in particular\n  a  1  +0.5  ${'█'.repeat(24)}\n`,
    )
    expect(JSON.parse((await cli([...args, '--json'])).out)).toEqual(answer)
    expect(await cli([...args, '--top', '0'])).toMatchObject({
      code: 2,
      err: expect.stringMatching('1 to 1000'),
    })
  })
})

describe('init', () => {
  it('makes a project that can be applied, with its data', async () => {
    const { code, out } = await cli(['init', 'My shop 2'])
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('data/deliveries.csv') })
    expect(out).toContain(`Next: cd 'My shop 2' && npm install && npx millrace up`)
    const project = await loadProject(join(folder, 'My shop 2/millrace.config.ts'))
    expect(project.project).toBe('my-shop-2')
    expect(project.definitions).toHaveLength(9)
    const csv = await readFile(join(folder, 'My shop 2/data/deliveries.csv'), 'utf8')
    expect(csv.trimEnd().split('\n')).toHaveLength(12_001)
    expect(await readFile(join(folder, 'My shop 2/package.json'), 'utf8')).toContain('"name": "my-shop-2"')
  })

  it('asks for no installation where millrace is installed', async () => {
    await mkdir(join(folder, 'has/node_modules/millrace'), { recursive: true })
    await writeFile(join(folder, 'has/node_modules/millrace/package.json'), '{}')
    const { out } = await cli(['init', 'has/shop'])
    expect(out).toContain('Next: cd has/shop && npx millrace up')
  })

  it('writes into an empty folder only', async () => {
    await writeFile(join(folder, 'keep'), '')
    const { code, err } = await cli(['init'])
    expect(code).toBe(1)
    expect(err).toMatch(/has files already/)
  })
})

describe('the executable', () => {
  it('runs, and knows its exit code', async () => {
    const bin = fileURLToPath(new URL('../../bin/millrace.js', import.meta.url))
    const run = promisify(execFile)
    expect((await run(process.execPath, [bin, '--help'])).stdout).toContain('Usage: millrace')
    await expect(run(process.execPath, [bin, 'nothing'])).rejects.toMatchObject({ code: 2 })
  })

  it('ends well when nobody reads on, as behind a pipe to head', async () => {
    const bin = fileURLToPath(new URL('../../bin/millrace.js', import.meta.url))
    const child = spawn(process.execPath, [bin, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const [complaints, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
  })

  it('keeps what was compiled in the folder of the user, if that can be written', async () => {
    const bin = fileURLToPath(new URL('../../bin/millrace.js', import.meta.url))
    const run = promisify(execFile)
    const { NODE_COMPILE_CACHE, ...env } = process.env
    await run(process.execPath, [bin, '--help'], { env: { ...env, XDG_CACHE_HOME: folder } })
    expect(await readdir(join(folder, 'millrace', 'compiled'))).toHaveLength(1)
    await writeFile(join(folder, 'file'), '')
    const unwritable = { ...env, XDG_CACHE_HOME: join(folder, 'file') }
    expect((await run(process.execPath, [bin, '--help'], { env: unwritable })).stdout).toContain('Usage')
  })
})
