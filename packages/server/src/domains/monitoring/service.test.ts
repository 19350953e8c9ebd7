import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Definition } from '@millrace/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabaseEventStream } from '../../drivers/event-stream/database.ts'
import { createFileObjectStore } from '../../drivers/object-store/file.ts'
import { createManualClock } from '../../kernel/clock.ts'
import { migrations } from '../../migrations/index.ts'
import { createContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import { openTestDatabase } from '../../testing/test-database.ts'
import { createDefinitionService } from '../definitions/index.ts'
import { createMonitoringService, type MonitoringDeps, type ServedWindow } from './service.ts'

const day = 86_400_000
let dir: string
let db: Database

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-monitoring-'))
  db = await openTestDatabase(dir)
})
afterEach(async () => {
  await db.close()
  rmSync(dir, { recursive: true, force: true })
})

/** 1,000 predictions of 20 %, of which `late` came true; labels known up to `labelled`. */
function servedWindow(late: number, labelled = 1000): ServedWindow {
  const label = Float64Array.from({ length: 1000 }, (_, i) => (i % 1000 < late ? 1 : 0))
  label.fill(Number.NaN, labelled)
  return {
    rows: 1000,
    probability: new Float64Array(1000).fill(0.2),
    label,
    features: [],
    modelVersions: ['m/1'],
  }
}

const definitions: Definition[] = [
  {
    kind: 'feature-service',
    name: 'inputs',
    featureViews: [],
    onDemandViews: [],
    request: { size: 'float64' },
    timestamp: 'at',
  },
  {
    kind: 'endpoint',
    name: 'scores',
    model: 'm',
    service: 'inputs',
    canary: { steps: [100], minRequests: 1, minLabels: 0, maxErrorRate: 0, alpha: 0.01 },
  },
  {
    kind: 'pipeline',
    name: 'retrain',
    params: { until: { type: 'timestamp' } },
    nodes: [{ id: 'a', step: 'ingest', inputs: {}, when: [], timeoutMs: 1000, retries: 0 }],
  },
  {
    kind: 'monitor',
    name: 'watch',
    endpoint: 'scores',
    windowMs: day,
    drift: { alpha: 0.01, minEffect: 0.1, minRows: 100, windows: 1 },
    calibration: { alpha: 0.01, minEffect: 0.02, windows: 2, minLabels: 1000 },
    retrain: {
      pipeline: 'retrain',
      cooldownMs: 5 * day,
      alerts: 2,
      ofWindows: 3,
      maxFailures: 2,
      params: { until: { offsetMs: -day } },
    },
  },
]

async function setUp(windows: () => ServedWindow[], startPipeline: MonitoringDeps['startPipeline']) {
  await db.migrate(migrations)
  const clock = createManualClock(0)
  const stream = createDatabaseEventStream({ db })
  const content = createContentStore(createFileObjectStore({ root: join(dir, 'objects') }), { cacheDir: dir })
  const service = createDefinitionService({ db, content, stream, clock, bundleDir: dir, validators: [] })
  await service.apply({ project: 'p', definitions, bundle: null, dryRun: false, allowDestroy: false })
  return createMonitoringService({
    db,
    definitions: service,
    stream,
    clock,
    readWindow: async (_endpoint, { from }) => windows()[from / day] ?? servedWindow(0, 0),
    findFirstEventTime: async () => (windows().length > 0 ? 3_600_000 : undefined),
    readReference: async () => null,
    startPipeline,
  })
}

describe('the monitoring service', () => {
  it('judges windows when their labels are there, decides once each, and retrains once', async () => {
    const served = [200, 205, 150, 150, 150, 150, 150].map((late) => servedWindow(late))
    const started: unknown[] = []
    const monitoring = await setUp(
      () => served,
      async (input) => `run_${started.push(input)}`,
    )
    const first = await monitoring.evaluate('watch', 5 * day)
    expect(first.windows.map((w) => [w.final, w.alert !== null])).toEqual([
      [true, false],
      [true, false],
      [true, false],
      [true, true],
      [true, true],
    ])
    expect(first.decisions.map((d) => d.action)).toEqual(['none', 'none', 'none', 'none', 'retrain'])
    expect(first.decisions.at(-1)?.pipelineRun).toBe('run_1')
    expect(started).toEqual([
      expect.objectContaining({
        pipeline: 'retrain',
        requestId: `monitor/watch/${4 * day}`,
        params: { until: 4 * day },
        reason: expect.stringContaining('predicts 20.0 % positive, observed 15.0 %'),
      }),
    ])
    expect(await monitoring.evaluate('watch', 5 * day)).toEqual({ windows: [], decisions: [] })
    const later = await monitoring.evaluate('watch', 7 * day)
    expect(later.decisions.map((d) => d.action)).toEqual(['cooling-down', 'cooling-down'])
    expect(started).toHaveLength(1)
    await monitoring.recordOutcome('run_1', 'promoted')
    expect((await monitoring.listDecisions('watch'))[4].outcome).toBe('promoted')
  })

  it('keeps a window provisional until its labels are there', async () => {
    let labelled = 100
    const monitoring = await setUp(
      () => [servedWindow(20, labelled)],
      async () => 'run',
    )
    const early = await monitoring.evaluate('watch', day)
    expect(early.windows[0]).toMatchObject({ final: false, revision: 1, labelled: 100, alert: null })
    expect(early.decisions).toEqual([])
    labelled = 900
    const late = await monitoring.evaluate('watch', day)
    expect(late.windows[0]).toMatchObject({ final: true, revision: 2, labelled: 900 })
    expect(late.decisions).toHaveLength(1)
  })

  it('starts a retraining that a crash kept from starting', async () => {
    const served = [150, 150, 150].map((late) => servedWindow(late))
    let dead = true
    const runs: string[] = []
    const monitoring = await setUp(
      () => served,
      async ({ requestId }) => {
        if (dead) throw new Error('killed')
        runs.push(requestId)
        return 'run_1'
      },
    )
    await expect(monitoring.evaluate('watch', 3 * day)).rejects.toThrow('killed')
    dead = false
    await monitoring.evaluate('watch', 3 * day)
    await monitoring.evaluate('watch', 3 * day)
    expect(runs).toEqual([`monitor/watch/${2 * day}`])
  })

  it('has nothing to say before the first prediction and refuses an absurd time', async () => {
    const empty = await setUp(
      () => [],
      async () => 'run',
    )
    expect(await empty.evaluate('watch', 10 * day)).toEqual({ windows: [], decisions: [] })
    await expect(empty.evaluate('nobody', 0)).rejects.toThrow(/no monitor "nobody"/)
  })

  it('refuses a time that would need endless windows', async () => {
    const monitoring = await setUp(
      () => [servedWindow(200)],
      async () => 'run',
    )
    for (const until of [20_000 * day, Number.MAX_SAFE_INTEGER]) {
      await expect(monitoring.evaluate('watch', until)).rejects.toThrow(/more than 10,000 windows/)
    }
  })
})
