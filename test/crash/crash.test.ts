import type { Client, PipelineRunDetail } from '@millrace/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DemoReport } from '../../examples/flights/demo/report.ts'
import { type DemoProcess, startDemo } from '../e2e/support/demo-process.ts'
import { type Stage, stages } from '../e2e/support/demo-stages.ts'
import { type TempFolder, tempFolder } from '../e2e/support/folders.ts'
import { until } from '../e2e/support/poll.ts'
import { childrenOf, listProcesses } from '../e2e/support/processes.ts'

/** The rollout of the retrained model is over on the eleventh. */
const days = 12
const stageDeadlineMs = 120_000

interface Outcome {
  report: DemoReport
  runs: PipelineRunDetail[]
  models: number[]
  champions: (number | null)[]
  revisions: { revision: number; version: number }[]
  log: Record<string, number>
  audit: Record<string, number>
  exitCode: number | null
}

interface Kill {
  stage: string
  /** Steps that had succeeded, with their times, by run and node. */
  finished: Map<string, string>
  /** Command lines of the step processes that lost their parent. */
  orphans: string[]
}

let folder: TempFolder
beforeAll(async () => {
  folder = await tempFolder()
})
afterAll(() => folder.remove())

describe('the demo whose control plane is killed at every stage', () => {
  const kills: Kill[] = []
  let undisturbed: Outcome
  let disturbed: Outcome

  beforeAll(async () => {
    const plays = [
      play('undisturbed', async () => {}),
      play('disturbed', async (demo) => {
        for (const stage of stages) kills.push(await killIn(demo, stage))
      }),
    ]
    ;[undisturbed, disturbed] = await Promise.all(plays)
  }, 480_000)

  async function play(name: string, meanwhile: (demo: DemoProcess) => Promise<void>): Promise<Outcome> {
    const demo = await startDemo({ dir: `${folder.path}/${name}`, days })
    try {
      const [report] = await Promise.all([demo.report(), meanwhile(demo)])
      const outcome = await inspect(demo, report)
      return { ...outcome, exitCode: await demo.stop() }
    } finally {
      await demo.stop()
    }
  }

  it('was killed once in each stage and started again each time', () => {
    expect(kills.map((kill) => kill.stage)).toEqual(stages.map((stage) => stage.name))
    expect([undisturbed.report.restarts, disturbed.report.restarts]).toEqual([0, stages.length])
    expect([undisturbed.exitCode, disturbed.exitCode]).toEqual([0, 0])
  })

  it('goes through the whole loop: retraining, canary, promotion', () => {
    expect(undisturbed.report.retrained).toHaveLength(1)
    expect(undisturbed.report.rollout).toEqual([
      { version: 2, percent: 10, outcome: 'advanced' },
      { version: 2, percent: 50, outcome: 'advanced' },
      { version: 2, percent: 100, outcome: 'promoted' },
    ])
  })

  it('gives the same metrics to the last digit', () => {
    const { rows, datasetVersion, runs, windows, retrained, rollout, requests } = undisturbed.report
    expect(disturbed.report).toMatchObject({
      rows,
      datasetVersion,
      runs,
      windows,
      retrained,
      rollout,
      requests,
    })
  })

  it('ends every run, with one successful attempt of each step', () => {
    for (const run of disturbed.runs) {
      expect(run.state).toBe('succeeded')
      for (const step of run.steps) {
        const states = step.attempts.map((attempt) => attempt.state)
        expect(states, step.node).toEqual([...states.slice(1).map(() => 'lost'), 'succeeded'])
        expect(step.attempt, step.node).toBe(states.length)
      }
    }
    expect(disturbed.runs).toHaveLength(2)
  })

  it('never starts a finished step again', () => {
    const steps = new Map(disturbed.runs.flatMap((run) => finishedSteps(run)))
    for (const { stage, finished } of kills) {
      for (const [step, times] of finished) expect(steps.get(step), `${step}, ${stage}`).toBe(times)
    }
    expect(kills.at(-1)?.finished.size).toBe(14)
  })

  it('registers one version per training and makes one revision per release', () => {
    expect(disturbed.models).toEqual([1, 2])
    expect(disturbed.champions).toEqual([1, 2])
    expect(disturbed.revisions).toEqual([
      { revision: 1, version: 1 },
      { revision: 2, version: 2 },
    ])
  })

  it('has every answered prediction and every label in the log, once', () => {
    const { requests, failures, windows } = disturbed.report
    expect(failures).toBe(0)
    expect(requests).toBe(windows.reduce((sum, window) => sum + window.requests, 0))
    expect(disturbed.log).toMatchObject({
      predictions: requests,
      failures: 0,
      labels: windows.reduce((sum, window) => sum + window.labelled, 0),
      orphans: 0,
    })
    expect(undisturbed.log).toMatchObject({ predictions: requests, repeats: 0, torn: 0 })
  })

  it('leaves no step process behind', () => {
    const left = listProcesses().map((process) => process.command)
    const orphans = kills.flatMap((kill) => kill.orphans)
    expect(orphans.length).toBeGreaterThanOrEqual(8)
    expect(left.filter((command) => orphans.includes(command))).toEqual([])
  })

  it('leaves the same audit trail', () => {
    expect(disturbed.audit).toEqual(undisturbed.audit)
  })
})

/** Waits for a stage, kills the server as `kill -9` does, and waits for the next one to answer. */
async function killIn(demo: DemoProcess, stage: Stage): Promise<Kill> {
  const inTime = async () => {
    const pid = demo.serverPid()
    return pid !== undefined && (await stage.reached(demo.client)) && pid
  }
  const pid = await until(stage.name, inTime, stageDeadlineMs)
  const finished = new Map((await listRuns(demo.client)).flatMap(finishedSteps))
  const orphans = childrenOf(pid).map((process) => process.command)
  process.kill(pid, 'SIGKILL')
  await until('the next server', () => ![undefined, pid].includes(demo.serverPid()))
  await until('the next server to answer', () => demo.client.isReady())
  await until('the steps of the last server to end', () =>
    listProcesses().every((process) => !orphans.includes(process.command)),
  )
  return { stage: stage.name, finished, orphans }
}

async function inspect({ client, url }: DemoProcess, report: DemoReport): Promise<Omit<Outcome, 'exitCode'>> {
  const versions = (await client.models.versions('late-flights')).items
  const champions = (await client.models.aliasHistory('late-flights', 'champion')).items
  const { revisions } = await client.endpoints.get('lateness')
  const log = await fetch(`${url}/v1/endpoints/lateness/log`)
  return {
    report,
    runs: await listRuns(client),
    models: versions.map(({ version }) => version).sort(),
    champions: champions.map(({ version }) => version).toReversed(),
    revisions: revisions.map(({ revision, version }) => ({ revision, version })),
    log: (await log.json()) as Record<string, number>,
    audit: await countAudit(url),
  }
}

async function listRuns(client: Client): Promise<PipelineRunDetail[]> {
  const { items } = await client.pipelines.runs()
  return Promise.all(items.map(({ id }) => client.pipelines.get(id)))
}

function finishedSteps(run: PipelineRunDetail): [step: string, times: string][] {
  return run.steps
    .filter((step) => step.state === 'succeeded')
    .map((step) => [
      `${run.id}/${step.node}`,
      `attempt ${step.attempt} from ${step.startedAt} to ${step.finishedAt}`,
    ])
}

/** Events by type. What is told at least once may be told twice after a crash, with the same content. */
async function countAudit(url: string): Promise<Record<string, number>> {
  const response = await fetch(`${url}/v1/audit?limit=1000`)
  const { items } = (await response.json()) as { items: { type: string; data: unknown }[] }
  const distinct = new Map(items.map(({ type, data }) => [JSON.stringify([type, data]), type]))
  const counts: Record<string, number> = {}
  for (const type of distinct.values()) counts[type] = (counts[type] ?? 0) + 1
  return counts
}
