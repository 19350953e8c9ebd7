import { describe, expect, it } from 'vitest'
import type { Experiment, RunDetail } from '../tracking/index.ts'
import { renderExperiment } from './experiment-page.ts'
import { renderGroups } from './groups-page.ts'
import { renderRun } from './run-page.ts'

const experiment: Experiment = {
  id: '1',
  name: 'late <flights>',
  artifactLocation: 'mlflow-artifacts:/1',
  lifecycleStage: 'active',
  createdAt: 0,
  updatedAt: 0,
  deletedAt: null,
  tags: {},
}

const note = { text: '', version: 0, edited: null }

function runWith(change: Partial<RunDetail> = {}): RunDetail {
  return {
    id: 'a1',
    experimentId: '1',
    name: 'first',
    user: 'ada',
    status: 'FINISHED',
    lifecycleStage: 'active',
    artifactUri: 'mlflow-artifacts:/1/a1/artifacts',
    startedAt: 0,
    endedAt: 1000,
    deletedAt: null,
    group: null,
    params: {},
    tags: {},
    metrics: [],
    inputs: [],
    modelInputs: [],
    modelOutputs: [],
    ...change,
  }
}

describe('renderRun', () => {
  it('escapes what others wrote, everywhere', () => {
    const evil = '<script>alert(1)</script>'
    const html = renderRun({
      run: runWith({
        name: evil,
        user: evil,
        params: { [evil]: evil },
        tags: { [evil]: evil, 'mlflow.note.content': evil, 'mlflow.parentRunId': evil },
        metrics: [{ key: evil, value: 1, step: 0, at: 0 }],
      }),
      experiment: { ...experiment, name: evil },
      note: { text: evil, version: 1, edited: { at: 0, by: evil } },
      series: [],
      files: [{ kind: 'folder', path: evil }],
    })
    expect(html).not.toContain('<script>')
  })

  it('shows values, gaps and any time that a client may log', () => {
    const html = renderRun({
      run: runWith({
        params: { depth: '7' },
        metrics: [
          { key: 'loss', value: Number.NaN, step: 3, at: 0 },
          { key: 'auc', value: 0.75, step: -1, at: Number.MAX_SAFE_INTEGER },
        ],
        modelOutputs: [{ model: 'm-1', step: 2 }],
      }),
      experiment,
      note,
      series: [],
      files: [{ kind: 'file', path: 'plots/größe #1.svg', size: 12, createdAt: 0 }],
    })
    expect(html).toContain('<td>NaN</td>')
    expect(html).toContain('<td>0.75</td>')
    expect(html).toContain('/v1/runs/a1/artifacts/plots/gr%C3%B6%C3%9Fe%20%231.svg')
    expect(html).toContain('/v1/logged-models/m-1')
    expect(html).toContain('1970-01-01 00:00:01')
  })

  it('says where files are that it does not read', () => {
    const run = runWith({ artifactUri: 's3://bucket/1/a1/artifacts' })
    expect(renderRun({ run, experiment, note, series: [], files: null })).toContain(
      's3://bucket/1/a1/artifacts',
    )
  })
})

describe('renderExperiment', () => {
  it('puts runs side by side by what most of them have', () => {
    const runs = [
      runWith({ metrics: [{ key: 'auc', value: 0.7, step: 0, at: 0 }], params: { depth: '3' } }),
      runWith({ id: 'b2', name: 'second', metrics: [{ key: 'auc', value: 0.8, step: 0, at: 0 }] }),
    ]
    const html = renderExperiment(experiment, { items: runs, nextPageToken: 'x&y' }, { note })
    expect(html).toContain('late &#60;flights&#62;')
    expect(html).toMatch(/<td>0\.7<\/td><td>3<\/td>/)
    expect(html).toMatch(/<td>0\.8<\/td><td><\/td>/)
    expect(html).toContain('?pageToken=x%26y')
    expect(renderExperiment(experiment, { items: [] }, { note })).toContain('No runs')
  })

  it('names groups only where there are some', () => {
    expect(renderExperiment(experiment, { items: [runWith()] }, { note })).not.toContain('group')
    const html = renderExperiment(
      experiment,
      { items: [runWith({ group: 'a&b' })], nextPageToken: '50' },
      { note, group: 'a&b' },
    )
    expect(html).toContain('<a href="/v1/experiments/1/report?group=a%26b">a&#38;b</a>')
    expect(html).toContain('<a href="?group=a%26b&#38;pageToken=50">Next page</a>')
  })
})

describe('renderGroups', () => {
  const group = {
    name: '<fold>',
    runs: 3,
    running: 1,
    failed: 0,
    firstStartedAt: 0,
    lastStartedAt: 1000,
    newest: [runWith()],
    metrics: [
      {
        key: 'loss',
        runs: 2,
        min: { value: 0.25, run: 'a1' },
        max: { value: 0.75, run: 'b2' },
        mean: 0.5,
        standardDeviation: null,
      },
    ],
  }

  it('shows what the runs of each group have measured', () => {
    const html = renderGroups(experiment, { items: [group], nextPageToken: '30' })
    expect(html).toContain('<b>&#60;fold&#62;</b> 3 runs, 1 running, last started 1970-01-01 00:00:01')
    expect(html).toContain('<a href="/v1/runs/b2/report">0.75</a></td><td>0.5</td><td>–</td>')
    expect(html).toContain('All 3 runs')
    expect(html).toContain('?view=groups&#38;pageToken=30')
    expect(renderGroups(experiment, { items: [] })).toContain('No run names a group')
  })
})
