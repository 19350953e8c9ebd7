import { pointsPerPage } from '../sources/pages.ts'
import type { RestClient } from '../sources/rest-client.ts'
import type { MoveTarget, Outcome, PutFile, TargetFolder } from './target.ts'

/** A Millrace server, by its routes below /v1/imports. */
export function createMillraceTarget(client: RestClient): MoveTarget {
  const put = async (path: string, body: object) => client.send('PUT', `/v1/imports/${path}`, body)
  const at = encodeURIComponent

  const folderOf = (folder: string): TargetFolder => ({
    location: `mlflow-artifacts:/${folder}`,
    async listFiles() {
      const files = new Map<string, PutFile>()
      let pageToken: string | undefined
      do {
        const answer = await client.get('/v1/imports/artifacts', { folder, limit: 1000, pageToken })
        for (const { path, digest, size } of answer.items as (PutFile & { path: string })[]) {
          files.set(path.slice(folder.length + 1), { digest, size })
        }
        pageToken = answer.nextPageToken
      } while (pageToken)
      return files
    },
    async putFile(path, open) {
      const encoded = `${folder}/${path}`.split('/').map(at).join('/')
      const { digest, size } = await client.upload(`/v1/imports/artifacts/${encoded}`, open)
      return { digest, size } as PutFile
    },
  })

  return {
    label: client.url,
    async putExperiment({ name, lifecycle, createdAt, updatedAt, tags }) {
      const body = { name, lifecycleStage: lifecycle, createdAt, updatedAt, tags }
      return (await put('experiments', body)) as { id: string; outcome: Outcome }
    },
    async putRun(run, experimentId) {
      const { outcome } = await put(`runs/${at(run.id)}`, {
        experimentId,
        name: run.name,
        user: run.user ?? '',
        status: run.status,
        lifecycleStage: run.lifecycle,
        startedAt: run.startedAt ?? run.endedAt ?? 0,
        endedAt: run.endedAt,
        deletedAt: run.deletedAt,
        params: run.params,
        tags: run.tags,
        inputs: run.datasets.map(({ tags, ...dataset }) => ({ dataset, tags })),
        modelInputs: run.modelInputs,
        modelOutputs: run.modelOutputs,
      })
      return outcome as Outcome
    },
    async putMetrics(run, points) {
      const rows = points.map(({ key, value, at, step }) => [key, toWire(value), at, step])
      await client.send('POST', `/v1/imports/runs/${at(run)}/metrics`, { points: rows })
    },
    async *listMetrics(run) {
      let pageToken: string | undefined
      do {
        const answer = await client.get(`/v1/imports/runs/${at(run)}/metrics`, {
          limit: pointsPerPage,
          pageToken,
        })
        yield (answer.points as [string, number | string, number, number][]).map(
          ([key, value, time, step]) => ({
            key,
            value: Number(value),
            at: time,
            step,
          }),
        )
        pageToken = answer.nextPageToken
      } while (pageToken)
    },
    async putLoggedModel(model, experimentId) {
      const { outcome } = await put(`logged-models/${at(model.id)}`, {
        experimentId,
        name: model.name,
        modelType: model.type,
        sourceRun: model.sourceRun,
        status: model.status,
        statusMessage: model.statusMessage,
        lifecycleStage: model.lifecycle,
        createdAt: model.createdAt,
        updatedAt: model.updatedAt,
        params: model.params,
        tags: model.tags,
        metrics: model.metrics.map(({ key, value, at: time, step, run, datasetName, datasetDigest }) => ({
          key,
          value: toWire(value),
          at: time,
          step,
          run,
          dataset: datasetName === null ? null : { name: datasetName, digest: datasetDigest ?? '' },
        })),
      })
      return outcome as Outcome
    },
    async putModel({ name, description, createdAt, updatedAt, tags }) {
      const { outcome } = await put(`models/${at(name)}`, { description, createdAt, updatedAt, tags })
      return outcome as Outcome
    },
    async putVersion(version, source) {
      const { outcome } = await put(`models/${at(version.model)}/versions/${version.version}`, {
        description: version.description,
        userId: version.user,
        stage: version.stage,
        source,
        runId: version.run,
        runLink: version.runLink,
        modelId: version.loggedModel,
        status: statuses[version.status] ?? 'READY',
        reason: version.statusMessage ?? '',
        createdAt: version.createdAt,
        updatedAt: version.updatedAt,
        tags: version.tags,
      })
      return outcome as Outcome
    },
    async putDeletedVersions(model, versions) {
      await put(`models/${at(model)}/deleted-versions`, { versions })
    },
    async putAliases(model, aliases) {
      return (await put(`models/${at(model)}/aliases`, { aliases })).outcome as Outcome
    },
    runArtifacts: (run, experimentId) => folderOf(`${experimentId}/${run}/artifacts`),
    loggedModelArtifacts: (model, experimentId) => folderOf(`${experimentId}/models/${model}/artifacts`),
  }
}

const statuses: Record<string, string> = {
  READY: 'READY',
  PENDING_REGISTRATION: 'PENDING',
  FAILED_REGISTRATION: 'FAILED',
}

/** JSON has no NaN and no infinities: they travel as their names. */
function toWire(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}
