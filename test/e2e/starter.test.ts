import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type {
  ApplyResult,
  Client,
  DatasetVersion,
  ModelVersion,
  PipelineRun,
  PipelineRunDetail,
  Prediction,
} from '@millrace/client'
import { createClient } from '@millrace/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { millrace } from './support/millrace.ts'
import { until } from './support/poll.ts'
import { freePort } from './support/ports.ts'
import { goodInputs, openShop, type Shop } from './support/shop.ts'

const inputs = JSON.stringify(goodInputs)

let shop: Shop
let client: Client
beforeAll(async () => {
  shop = await openShop()
  client = createClient({ url: shop.server.url })
}, 60_000)
afterAll(() => shop.close())

const lines = (text: string) => text.split('\n').filter((line) => line !== '')

describe('the starter project, command by command', () => {
  it('init makes a runnable project, and never over files', async () => {
    expect(await readdir(shop.dir)).toEqual(
      expect.arrayContaining(['README.md', 'data', 'millrace.config.ts', 'package.json', 'tsconfig.json']),
    )
    const again = await shop.run(['init', '.'])
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('has files already')
    const other = await shop.json<{ folder: string; files: string[] }>(['init', '.millrace/other'])
    expect(other.files).toContain('data/deliveries.csv')
  })

  it('apply shows what it would do, does it, and then has nothing to do', async () => {
    const preview = await shop.run(['apply', '--dry-run'])
    expect(preview).toMatchObject({ code: 0, err: '' })
    expect(preview.out).toContain('+ endpoint lateness')
    expect(preview.out).toContain('Not applied (dry run): 9 new')
    expect((await client.definitions.list()).items).toEqual([])

    expect((await shop.run(['apply'])).out).toContain('Applied: 9 new, 0 changed, 0 removed, 0 unchanged.')
    expect(await shop.run(['apply'])).toEqual({
      code: 0,
      out: 'Nothing to do: 0 new, 0 changed, 0 removed, 9 unchanged.\n',
      err: '',
    })
    const { changes } = await shop.json<ApplyResult>(['apply'])
    expect(new Set(changes.map((change) => change.action))).toEqual(new Set(['unchanged']))
  })

  it('apply refuses what is destructive unless that is meant', async () => {
    const undo = await shop.edit('millrace.config.ts', (text) =>
      text.replace('training, daily]', 'training]'),
    )
    const refused = await shop.run(['apply'])
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(lines(refused.err)).toEqual([
      expect.stringMatching(/^error: .*delete monitor "lateness-daily".*--allow-destroy/),
    ])
    expect((await client.definitions.list()).items).toHaveLength(9)
    const meant = await shop.run(['apply', '--allow-destroy'])
    expect(meant).toMatchObject({ code: 0, err: '' })
    expect(meant.out).toContain('- monitor lateness-daily')
    expect((await client.definitions.list()).items).toHaveLength(8)
    await undo()
    expect((await shop.run(['apply'])).out).toContain('+ monitor lateness-daily')
  })

  it('run follows the pipeline to its end', async () => {
    const first = await shop.run(['run', 'training', '--request-id', 'first'])
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^succeeded pr_\w+ in .*\n$/) })
    expect(first.err).toContain('succeeded train')
    const same = await shop.json<PipelineRunDetail>(['run', 'training', '--request-id', 'first'])
    expect(first.out).toContain(same.id)
    expect(same.steps.map(({ node, state }) => `${node} ${state}`)).toEqual([
      'ingest succeeded',
      'build-training-set succeeded',
      'later-data succeeded',
      'train succeeded',
      'evaluate succeeded',
      'register-model succeeded',
      'release succeeded',
    ])
  })

  it('data ingest reads the source, and gives the version that the pipeline has made of it', async () => {
    const [latest] = await shop.json<{ version: string }[]>(['data', 'validations', 'deliveries'])
    const { out, code } = await shop.run(['data', 'ingest', 'deliveries'])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(`^deliveries@${latest.version}: 12000 rows, .* in 1 part\\n$`),
    ])
  })

  it('materialize, predict and status work as the README says', async () => {
    const materialize = ['materialize', 'courier_pace', '--until', '2025-03-01T12:00:00Z']
    expect((await shop.run(materialize)).out).toBe(
      'courier_pace: 20 keys written, with what was known until 2025-03-01 12:00:00\n',
    )
    expect(await shop.json(materialize)).toMatchObject({ view: 'courier_pace' })

    const predict = ['predict', 'lateness', '--inputs', inputs]
    expect((await shop.run(predict)).out).toMatch(
      /^[01] {2}probability 0\.\d+ {2}late-deliveries\/1 {2}p_\w+\n$/,
    )
    const answer = await shop.json<Prediction>([...predict, '--id', 'delivery-1'])
    expect(answer).toMatchObject({ id: 'delivery-1', modelVersion: 'late-deliveries/1', revision: 1 })
    expect(answer.degraded).toBeUndefined()

    const status = await shop.run(['status'])
    expect(status).toMatchObject({ code: 0, err: '' })
    for (const text of ['late-deliveries/1 (revision 1)', 'succeeded', 'lateness-daily']) {
      expect(status.out).toContain(text)
    }
    expect(await shop.json(['status'])).toMatchObject({
      endpoints: [{ name: 'lateness', stable: 1 }],
      runs: [{ pipeline: 'training', state: 'succeeded' }],
      monitors: [{ name: 'lateness-daily', window: null }],
    })
  })

  it('predicts a file row by row and says with its exit code that one was refused', async () => {
    await writeFile(join(shop.dir, 'requests.ndjson'), `${inputs}\n{"courier":"courier-3"}\n${inputs}\n`)
    const { code, out } = await shop.run(['predict', 'lateness', '--file', 'requests.ndjson', '--json'])
    expect(code).toBe(1)
    const items = lines(out).map((line) => JSON.parse(line))
    expect(items).toHaveLength(3)
    expect(items[0].prediction).toEqual(items[2].prediction)
    expect(items[1].error.message).toContain('inputs.ordered_at is required')
  })
})

// One after the other these would take longer than all the rest: each starts a process or two.
describe('wrong arguments', { concurrent: true }, () => {
  it.each<[code: number, named: string, args: string[]]>([
    [2, "unknown command 'aply'", ['aply']],
    [2, "missing required argument 'pipeline'", ['run']],
    [2, "required option '--from <time>'", ['consistency', 'lateness']],
    [2, '--port takes a whole number from 0 to 65535, got "abc"', ['up', '--port', 'abc']],
    [2, 'got "99999"', ['up', '--port', '99999']],
    [1, 'There is no pipeline "trainig"', ['run', 'trainig']],
    [2, 'has no parameter "form"; there are: from, split, until', ['run', 'training', '--param', 'form=1']],
    [2, 'the parameter "from" must be a time', ['run', 'training', '--param', 'from=soon']],
    [2, '--inputs is not JSON', ['predict', 'lateness', '--inputs', '{"courier":']],
    [2, '--inputs must be a JSON object', ['predict', 'lateness', '--inputs', '[1]']],
    [2, 'cannot read nowhere.json', ['predict', 'lateness', '--file', 'nowhere.json']],
    [1, 'inputs.ordered_at is required', ['predict', 'lateness', '--inputs', '{"courier":"courier-3"}']],
    [1, 'There is no endpoint "latenes"', ['predict', 'latenes', '--inputs', '{}']],
    [1, 'There is no feature-view "pace"', ['materialize', 'pace', '--until', '2025-03-01']],
    [1, 'There is no configuration', ['apply', '--config', 'nowhere.config.ts']],
    [1, 'so a token is needed', ['up', '--host', '0.0.0.0', '--dir', 'other']],
  ])('exit with %d and name: %s', async (code, named, args) => {
    const [ended, asJson] = await Promise.all([shop.run(args), shop.run([...args, '--json'])])
    expect(ended).toMatchObject({ code, out: '' })
    expect(lines(ended.err)).toEqual([expect.stringMatching(/^error: /)])
    expect(ended.err).toContain(named)
    expect(asJson).toMatchObject({ code, out: '' })
    expect(JSON.parse(asJson.err).message).toContain(named)
  })

  it('a server that is not there is named', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const { code, err } = await shop.run(['status', '--url', url])
    expect([code, lines(err)]).toEqual([1, [expect.stringContaining(`No answer from ${url}: ECONNREFUSED`)]])
  })

  it('a second server on the folder, or on the port, is refused', async () => {
    const second = await shop.run(['up', '--port', '0'])
    expect([second.code, lines(second.err)]).toEqual([
      1,
      [expect.stringMatching(/^error: Another Millrace server is running on .*\.millrace/)],
    ])
    const { port } = new URL(shop.server.url)
    const taken = await millrace(['up', '--port', port, '--dir', 'other'], { cwd: shop.dir })
    expect([taken.code, lines(taken.err)]).toEqual([
      1,
      [expect.stringContaining(`port ${port} on 127.0.0.1 is taken; choose another with --port`)],
    ])
  })
})

describe('sources that are broken', () => {
  const eachRow = (change: (row: string) => string, rows: number) => (text: string) =>
    text
      .split('\n')
      .map((line, i) => (i > 0 && i <= rows ? change(line) : line))
      .join('\n')

  it.each<[what: string, change: (text: string) => string, named: string[]]>([
    [
      'a column is missing',
      (text) => text.replace('minutes', 'mins'),
      [
        'column "minutes"',
        'int64',
        'the source has no such column in data/deliveries.csv (it has ordered_at, courier, distance_km, mins)',
      ],
    ],
    [
      'keys are missing',
      eachRow((row) => row.replace(/courier-\d+/, ''), 3),
      ['column "courier"', 'not_be_null', '3 of 12000 rows'],
    ],
    [
      'values are out of range',
      eachRow((row) => row.replace(/\d+$/, '999'), 2),
      ['column "minutes"', 'between {"min_value":1,"max_value":240}', '2 of 12000 rows', '999'],
    ],
    ['a number is none', eachRow((row) => row.replace(/\d+$/, 'soon'), 1), ['"minutes"', '"soon"', 'line 2']],
    [
      'rows are too few',
      (text) => text.split('\n').slice(0, 11).join('\n'),
      ['row_count', '1000', 'observed 10'],
    ],
    ['there are no rows', (text) => text.split('\n').slice(0, 1).join('\n'), ['has no rows']],
    ['the file is empty', () => '', ['deliveries.csv', 'the file data/deliveries.csv is empty (0 bytes)']],
  ])('stop the pipeline when %s, and nothing is registered', async (_, change, named) => {
    const before = await registered()
    const undo = await shop.edit('data/deliveries.csv', change)
    const { code, out } = await shop.run(['run', 'training'])
    await undo()
    expect(code).toBe(1)
    expect(out).toMatch(/^failed pr_\w+ in .*: ingest: /)
    for (const text of ['"deliveries"', ...named]) expect(out).toContain(text)
    expect(await registered()).toEqual(before)
  })

  async function registered(): Promise<{
    data: DatasetVersion[]
    models: ModelVersion[]
    revisions: number
  }> {
    return {
      data: (await client.datasets.versions('deliveries')).items,
      models: (await client.models.versions('late-deliveries')).items,
      revisions: (await client.endpoints.get('lateness')).revisions.length,
    }
  }
})

describe('stopping', () => {
  it('SIGTERM stops with 0, and the next server has everything', async () => {
    const predict = ['predict', 'lateness', '--inputs', inputs, '--id', 'again']
    const before = await shop.json<Prediction>(predict)
    expect(await shop.restart()).toBe(0)
    expect(await shop.json<Prediction>(predict)).toEqual(before)
    expect((await shop.run(['apply'])).out).toContain('Nothing to do')
  })

  it('SIGTERM during a run stops with 0, and the next server ends the run', async () => {
    const { id } = await shop.json<PipelineRun>(['run', 'training', '--no-wait'])
    await until('a step that runs', async () => {
      const { steps } = await createClient({ url: shop.server.url }).pipelines.get(id)
      return steps.some((step) => step.state === 'running')
    })
    expect(await shop.restart()).toBe(0)
    const run = await createClient({ url: shop.server.url }).pipelines.wait(id)
    expect(run.state).toBe('succeeded')
    expect(run.steps.flatMap((step) => step.attempts.map(({ state }) => state))).toContain('lost')
  })
})
