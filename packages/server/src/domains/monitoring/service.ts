import { fail, type MonitorDefinition } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { DefinitionService } from '../definitions/index.ts'
import { judgeDrift } from './drift.ts'
import { decide, judgeCalibration, type PastDecision } from './policy.ts'
import {
  addDecision,
  listDecisions,
  listWindows,
  type MonitoringTables,
  type StoredDecision,
  type StoredWindow,
  saveWindow,
  setOutcome,
  setPipelineRun,
} from './store.ts'
import { evaluateWindow, type Reference, type WindowRows } from './window.ts'

/** One window of predictions as the serving domain hands it out. */
export interface ServedWindow extends WindowRows {
  modelVersions: string[]
}

export interface MonitoringDeps {
  db: Database
  definitions: DefinitionService
  stream: EventStream
  clock: Clock
  /** Predictions with `from <= event time < until` and the labels that have arrived. */
  readWindow(endpoint: string, range: { from: number; until: number }): Promise<ServedWindow>
  /** Event time of the endpoint's first prediction; undefined before there is one. */
  findFirstEventTime(endpoint: string): Promise<number | undefined>
  /** Drift reference of a served version (`model/version`); null if it was registered without one. */
  readReference(modelVersion: string): Promise<Reference | null>
  /** Starts a pipeline once per `requestId` and returns its run. */
  startPipeline(input: {
    pipeline: string
    params: Record<string, unknown>
    requestId: string
    reason: string
  }): Promise<string>
}

export interface Evaluation {
  windows: StoredWindow[]
  decisions: StoredDecision[]
}

export interface MonitoringService {
  /**
   * Judges every window that ended by `until` (event time) and is not final yet, then decides once for each window
   * that became final. Calling it again with the same data changes nothing. A window is final when 80 % of its
   * requests are labelled or it is older than ten windows.
   * @throws `definition.not_found`; `monitor.invalid_time` if `until` would need more than 10,000 windows
   */
  evaluate(monitor: string, until: number): Promise<Evaluation>
  listWindows(monitor: string): Promise<StoredWindow[]>
  listDecisions(monitor: string): Promise<StoredDecision[]>
  /** Records what became of a retraining that this domain started; runs of others are ignored. */
  recordOutcome(pipelineRun: string, outcome: NonNullable<PastDecision['outcome']>): Promise<void>
}

const labelCoverage = 0.8
const labelPatience = 10
const maxWindowsPerCall = 10_000

export function createMonitoringService(deps: MonitoringDeps): MonitoringService {
  const tables = () => deps.db.tables<MonitoringTables>()
  // Evaluations of one monitor build on each other, so they run one after the other.
  const queues = new Map<string, Promise<unknown>>()

  function inTurn<T>(monitor: string, work: () => Promise<T>): Promise<T> {
    const turn = (queues.get(monitor) ?? Promise.resolve()).then(work, work)
    queues.set(monitor, turn)
    return turn
  }

  async function judge(
    definition: MonitorDefinition,
    { start, before, until }: { start: number; before: StoredWindow[]; until: number },
  ): Promise<StoredWindow> {
    const end = start + definition.windowMs
    const rows = await deps.readWindow(definition.endpoint, { from: start, until: end })
    const main = rows.modelVersions.at(0)
    const reference = main === undefined ? null : await deps.readReference(main)
    const result = evaluateWindow({ start, end, modelVersions: rows.modelVersions }, rows, reference)
    const [previous] = await listWindows(tables(), definition.name, { from: start, limit: 1 })
    const covered = result.requests > 0 && result.labelled >= labelCoverage * result.requests
    return {
      ...result,
      drift: judgeDrift([...before, result], reference, definition.drift),
      alert: null,
      revision: previous?.start === start ? previous.revision + 1 : 1,
      final: covered || end + labelPatience * definition.windowMs <= until,
      evaluatedAt: deps.clock.now(),
    }
  }

  async function decideFor(definition: MonitorDefinition, trail: StoredWindow[], until: number) {
    const policy = definition.retrain
    const window = trail.at(-1)
    if (!policy || !window) return undefined
    const past = (await listDecisions(tables(), definition.name)).filter((d) => d.windowStart < window.start)
    const decision = decide(policy, trail, past)
    const params = Object.fromEntries(
      Object.entries(policy.params).map(([name, { offsetMs }]) => [name, until + offsetMs]),
    )
    const stored: StoredDecision = {
      ...decision,
      windowStart: window.start,
      decidedFor: window.end,
      evidence: { alert: window.alert, drift: window.drift.filter((d) => d.drifted), params },
      pipelineRun: null,
      outcome: null,
      decidedAt: deps.clock.now(),
    }
    if (!(await addDecision(tables(), definition.name, stored))) return undefined
    await deps.stream.append('audit', [
      { type: 'monitor.decided', at: deps.clock.now(), data: { monitor: definition.name, ...stored } },
    ])
    return stored
  }

  /** Also picks up a decision that was recorded before a crash but whose pipeline was never started. */
  async function startRetrainings(definition: MonitorDefinition): Promise<void> {
    if (!definition.retrain) return
    for (const decision of await listDecisions(tables(), definition.name)) {
      if (decision.action !== 'retrain' || decision.pipelineRun !== null) continue
      const run = await deps.startPipeline({
        pipeline: definition.retrain.pipeline,
        params: decision.evidence.params as Record<string, unknown>,
        requestId: `monitor/${definition.name}/${decision.windowStart}`,
        reason: decision.reason,
      })
      await setPipelineRun(tables(), { monitor: definition.name, windowStart: decision.windowStart }, run)
    }
  }

  async function evaluate(name: string, until: number): Promise<Evaluation> {
    const definition = await deps.definitions.get('monitor', name)
    const known = await listWindows(tables(), name)
    const first = known.at(0)?.start ?? (await deps.findFirstEventTime(definition.endpoint))
    if (first === undefined) return { windows: [], decisions: [] }
    const { windowMs } = definition
    const all = new Map(known.map((w) => [w.start, w]))
    const start = Math.floor(first / windowMs) * windowMs
    if ((until - start) / windowMs > maxWindowsPerCall) {
      const time = new Date(until)
      const shown = Number.isNaN(time.getTime()) ? `${until} ms` : time.toISOString()
      throw fail('monitor.invalid_time', { monitor: name, until: shown })
    }
    const judged: StoredWindow[] = []
    const decided: number[] = []
    for (let at = start; at + windowMs <= until; at += windowMs) {
      if (all.get(at)?.final) continue
      const before = [...all.values()].filter((w) => w.start < at).sort((a, b) => a.start - b.start)
      const window = await judge(definition, { start: at, before, until })
      all.set(at, window)
      const trail = [...before.filter((w) => w.final), window]
      window.alert = window.final ? judgeCalibration(trail, definition.calibration) : null
      await saveWindow(tables(), name, window)
      if (window.final) {
        const decision = await decideFor(definition, trail, until)
        if (decision) decided.push(decision.windowStart)
      }
      judged.push(window)
    }
    await startRetrainings(definition)
    const decisions = (await listDecisions(tables(), name)).filter((d) => decided.includes(d.windowStart))
    return { windows: judged, decisions }
  }

  return {
    evaluate: (monitor, until) => inTurn(monitor, () => evaluate(monitor, until)),
    async listWindows(monitor) {
      await deps.definitions.get('monitor', monitor)
      return listWindows(tables(), monitor)
    },
    async listDecisions(monitor) {
      await deps.definitions.get('monitor', monitor)
      return listDecisions(tables(), monitor)
    },
    async recordOutcome(pipelineRun, outcome) {
      await setOutcome(tables(), pipelineRun, outcome)
    },
  }
}
