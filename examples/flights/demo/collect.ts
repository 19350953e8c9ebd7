import type { Client, ModelVersion } from '@millrace/client'
import { flights, lateness } from '../definitions.ts'
import { daily } from '../pipelines.ts'
import { isoDay } from './replay.ts'
import type { DemoReport } from './report.ts'

/** Asks the server for everything that the report says about data, models, windows, decisions and rollouts. */
export async function collect(
  client: Client,
): Promise<Pick<DemoReport, 'rows' | 'datasetVersion' | 'runs' | 'windows' | 'retrained' | 'rollout'>> {
  const [version] = (await client.datasets.versions(flights.name)).items
  const models = (await client.models.versions('late-flights')).items.sort((a, b) => a.version - b.version)
  const windows = (await client.monitors.windows(daily.name)).items
  const decisions = (await client.monitors.decisions(daily.name)).items
  return {
    rows: version.rows,
    datasetVersion: version.version,
    runs: models.flatMap((version) => (version.gate ? [toRun(version, version.gate)] : [])),
    windows: windows.map((window) => ({
      day: isoDay(window.start),
      requests: window.requests,
      labelled: window.labelled,
      auc: window.auc,
      logLoss: window.logLoss,
      predictedRate: window.meanPrediction,
      observedRate: window.labelled > 0 ? window.calibration.observed / window.labelled : null,
      driftedColumns: window.drift.filter((column) => column.drifted).map((column) => column.name),
      alert: window.alert !== null,
      modelVersions: window.modelVersions,
    })),
    retrained: decisions
      .filter((decision) => decision.action === 'retrain')
      .map((decision) => ({ day: isoDay(decision.windowStart), reason: decision.reason })),
    rollout: await rolloutSteps(client),
  }
}

function toRun(
  version: ModelVersion,
  { metrics, passed, reason }: NonNullable<ModelVersion['gate']>,
): DemoReport['runs'][number] {
  return {
    modelVersion: version.version,
    trainedThrough: version.tags.trained_through.slice(0, 10),
    auc: metrics.rocAuc,
    logLoss: metrics.logLoss,
    baselineAuc: metrics.baselineRocAuc,
    championLogLoss: metrics.championLogLoss ?? null,
    gate: passed ? 'passed' : 'rejected',
    reason,
  }
}

/** Every step that a rollout of the endpoint has taken so far, oldest rollout first, the present one last. */
async function rolloutSteps(client: Client): Promise<DemoReport['rollout']> {
  const endpoint = await client.endpoints.get(lateness.name)
  const versions = new Map(endpoint.revisions.map((revision) => [revision.revision, revision.version]))
  return endpoint.rollouts.toReversed().flatMap((rollout) => {
    const version = versions.get(rollout.candidate) ?? 0
    const ended = rollout.history.map(({ percent, outcome }) => ({ version, percent, outcome }))
    const present = { version, percent: rollout.percent, outcome: 'in progress' }
    return rollout.state === 'Progressing' ? [...ended, present] : ended
  })
}
