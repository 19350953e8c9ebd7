import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fail, type PipelineDefinition, type PipelineSchedule } from '@millrace/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createManualClock } from '../../kernel/clock.ts'
import { pipelineSchedulesMigration } from '../../migrations/0032-pipeline-schedules.ts'
import type { Database } from '../../ports/database.ts'
import type { NewEvent } from '../../ports/event-stream.ts'
import { openTestDatabase } from '../../testing/test-database.ts'
import { createScheduler, type SchedulerDeps } from './scheduler.ts'
import { node, pipeline } from './testing/control-plane.ts'

const hour = 3_600_000
const day = 24 * hour
const begin = Date.UTC(2026, 0, 1, 12)
const nightly: PipelineSchedule = {
  cron: '0 3 * * *',
  timezone: 'UTC',
  catchUp: 'latest',
  params: { until: { offsetMs: -hour } },
}

let dir: string
let db: Database
let clock: ReturnType<typeof createManualClock>
let pipelines: PipelineDefinition[]
let audit: NewEvent[]
const start = vi.fn<SchedulerDeps['pipelines']['start']>()

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'schedules-'))
  db = await openTestDatabase(dir)
  await db.migrate([pipelineSchedulesMigration])
  clock = createManualClock(begin)
  audit = []
  start.mockReset()
  define(nightly)
})
afterEach(async () => {
  await db.close()
  rmSync(dir, { recursive: true })
})

function define(schedule: PipelineSchedule | undefined) {
  const params = { until: { type: 'timestamp' as const } }
  pipelines = [{ ...pipeline([node('a')], params), ...(schedule && { schedule }) }]
}
const scheduler = () =>
  createScheduler({
    db,
    clock,
    stream: {
      append: async (_topic, events) => void audit.push(...events),
      read: async () => [],
      trim: async () => undefined,
    },
    logger: { warn: () => undefined },
    definitions: { list: async () => pipelines as never },
    pipelines: { start },
  })
const pass = () => scheduler().pass()
const started = () => start.mock.calls.map(([{ requestId }]) => requestId?.replace('schedule/p/', ''))

test('a run starts at its time, once, with its parameters', async () => {
  await pass()
  clock.set(Date.UTC(2026, 0, 2, 2, 59))
  await pass()
  expect(start).not.toHaveBeenCalled()
  clock.set(Date.UTC(2026, 0, 2, 3))
  await pass()
  await pass()
  expect(start.mock.calls).toEqual([
    [
      {
        pipeline: 'p',
        params: { until: Date.UTC(2026, 0, 2, 2) },
        requestId: 'schedule/p/2026-01-02T03:00:00.000Z',
        reason: 'schedule of 2026-01-02T03:00:00.000Z',
        startedBy: 'schedule',
      },
    ],
  ])
  expect(await scheduler().list()).toEqual([
    { pipeline: 'p', schedule: nightly, next: Date.UTC(2026, 0, 3, 3) },
  ])
})

test.each([
  ['latest', ['2026-01-04T03:00:00.000Z']],
  ['all', ['2026-01-02T03:00:00.000Z', '2026-01-03T03:00:00.000Z', '2026-01-04T03:00:00.000Z']],
  ['none', []],
] as const)('of the times that passed without a server, %s is made up for', async (catchUp, expected) => {
  define({ ...nightly, catchUp })
  await pass()
  clock.set(begin + 3 * day)
  await pass()
  await pass()
  expect(started()).toEqual(expected)
  clock.set(Date.UTC(2026, 0, 5, 3, 0, 4))
  await pass()
  expect(started()).toEqual([...expected, '2026-01-05T03:00:00.000Z'])
})

test('times before a schedule was declared, or declared otherwise, are not made up for', async () => {
  await pass()
  clock.set(begin + 2 * day)
  define({ ...nightly, catchUp: 'all', cron: '0 4 * * *' })
  await pass()
  expect(start).not.toHaveBeenCalled()
  clock.set(begin + 3 * day)
  await pass()
  expect(started()).toEqual(['2026-01-04T04:00:00.000Z'])
  define(undefined)
  clock.set(begin + 5 * day)
  await pass()
  expect(started()).toHaveLength(1)
  expect(await scheduler().list()).toEqual([])
  define({ ...nightly, catchUp: 'all', cron: '0 4 * * *' })
  clock.set(begin + 7 * day)
  await pass()
  await pass()
  expect(started()).toHaveLength(1)
})

test('a server that is behind does not bring back what another one has done', async () => {
  define({ ...nightly, catchUp: 'all' })
  await pass()
  clock.set(begin + 2 * day)
  let other: Promise<void> | undefined
  // While the first is at the first time, another server does all.
  start.mockImplementationOnce(async () => {
    other ??= pass()
    await other
    return undefined as never
  })
  await pass()
  const done = started().length
  await pass()
  expect(started()).toHaveLength(done)
  expect(new Set(started()).size).toBe(2)
})

test('a database that fails is asked again, and a pipeline that cannot start is told and passed over', async () => {
  await pass()
  clock.set(begin + day)
  start.mockRejectedValueOnce(new Error('the disk is full'))
  await pass()
  await pass()
  expect(started()).toEqual(['2026-01-02T03:00:00.000Z', '2026-01-02T03:00:00.000Z'])
  clock.set(begin + 2 * day)
  start.mockRejectedValueOnce(fail('pipeline.params_invalid', { pipeline: 'p', reason: 'because' }))
  await pass()
  await pass()
  expect(started()).toHaveLength(3)
  expect(audit).toEqual([
    {
      type: 'pipeline.schedule_failed',
      at: clock.now(),
      data: {
        pipeline: 'p',
        scheduledAt: Date.UTC(2026, 0, 3, 3),
        reason: expect.stringContaining('because'),
      },
    },
  ])
})
