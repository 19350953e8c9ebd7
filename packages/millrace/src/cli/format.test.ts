import { describe, expect, it } from 'vitest'
import { formatBar, formatDuration, formatTable } from './format.ts'
import { formatChanges } from './format-changes.ts'
import { formatStatus } from './format-status.ts'

describe('format', () => {
  it.each([
    [400, '0.4 s'],
    [12_300, '12 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
  ])('says %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })

  it('draws bars and tables', () => {
    expect([formatBar(0, 4), formatBar(0.5, 4), formatBar(2, 4)]).toEqual(['░░░░', '██░░', '████'])
    expect(
      formatTable(
        ['A', 'B'],
        [
          ['long', 'x'],
          ['y', ''],
        ],
      ),
    ).toBe('  A     B\n  long  x\n  y\n')
  })
})

describe('formatChanges', () => {
  it('marks what is new, changed and removed, and counts', () => {
    const text = formatChanges({
      applied: false,
      bundle: null,
      changes: [
        { action: 'create', kind: 'dataset', name: 'a', destructive: false },
        { action: 'update', kind: 'endpoint', name: 'b', fields: ['canary', 'model'], destructive: true },
        { action: 'delete', kind: 'monitor', name: 'c', destructive: true },
        { action: 'unchanged', kind: 'entity', name: 'd', destructive: false },
      ],
    })
    expect(text).toBe(
      `+ dataset a
~ endpoint b: canary, model  (breaks what relies on it)
- monitor c  (breaks what relies on it)
Not applied (dry run): 1 new, 1 changed, 1 removed, 1 unchanged.
`,
    )
    expect(formatChanges({ applied: true, bundle: null, changes: [] })).toMatch(/^Nothing to do/)
  })
})

describe('formatStatus', () => {
  it('shows an empty server', () => {
    const text = formatStatus({ endpoints: [], runs: [], schedules: [], monitors: [] }, 0)
    expect(text).toBe('Endpoints\n  none\n\nPipeline runs\n  none\n\nMonitors\n  none\n')
  })

  it('shows rollouts, runs and what a monitor decided', () => {
    const text = formatStatus(
      {
        endpoints: [
          {
            name: 'late',
            model: 'm',
            service: 's',
            ready: true,
            stable: 1,
            modelVersion: 'm/1',
            traffic: [],
            rollout: {
              candidate: 2,
              stable: 1,
              state: 'Progressing',
              step: 1,
              percent: 50,
              startedAt: 0,
              endedAt: null,
              reason: null,
              history: [],
            },
          },
        ],
        runs: [
          {
            id: 'r1',
            pipeline: 'p',
            definitionVersion: 'v',
            params: {},
            state: 'running',
            reason: null,
            startedBy: 'api',
            requestId: null,
            cancelRequested: false,
            startedAt: 0,
            finishedAt: null,
          },
        ],
        schedules: [
          {
            pipeline: 'p',
            schedule: { cron: '0 3 * * 0', timezone: 'Europe/Berlin', catchUp: 'latest', params: {} },
            next: 60_000,
          },
        ],
        monitors: [{ name: 'watch', window: null, decision: null }],
      },
      12_000,
    )
    expect(text).toContain('late  m/1 (revision 1)  Progressing revision 2 at 50 %')
    expect(text).toContain('r1  p         running  1970-01-01 00:00:00  12 s')
    expect(text).toContain('p         0 3 * * 0  Europe/Berlin  1970-01-01 00:01:00')
    expect(text).toContain('watch  none yet')
  })
})
