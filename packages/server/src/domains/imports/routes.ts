import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type ArtifactService, acceptStreams, requestBody } from '../artifacts/index.ts'
import type { RegistryImport } from '../registry/index.ts'
import { type TrackingImport, toWireNumber } from '../tracking/index.ts'
import * as wire from './wire.ts'

interface ImportDeps {
  tracking: TrackingImport
  registry: RegistryImport
  artifacts: ArtifactService
}

const tags = ['Imports']
const Page = {
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1000 }),
  pageToken: Type.Optional(Type.String({ maxLength: 6000 })),
}
/** Full histories and large entries come in pages, but one run may have many of them. */
const bodyLimit = 64 * 1024 ** 2

/**
 * Routes by which the content of another tracking server moves in, with its own ids, numbers, times and states. They
 * are repeatable, so an import that was interrupted is simply sent again.
 */
export function importRoutes({ tracking, registry, artifacts }: ImportDeps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.put(
      '/v1/imports/experiments',
      {
        bodyLimit,
        schema: { tags, summary: 'An experiment with its state, matched by name', body: wire.Experiment },
      },
      (request) => tracking.importExperiment(request.body),
    )
    app.put(
      '/v1/imports/runs/:id',
      {
        bodyLimit,
        schema: { tags, summary: 'A run with its id, times and state', params: wire.Id, body: wire.Run },
      },
      (request) => tracking.importRun({ ...request.body, id: request.params.id }),
    )
    app.post(
      '/v1/imports/runs/:id/metrics',
      {
        bodyLimit,
        schema: {
          tags,
          summary: 'A page of the history of metrics of a run',
          params: wire.Id,
          body: wire.Metrics,
        },
      },
      async (request) => {
        await tracking.importMetrics(request.params.id, request.body.points.map(wire.pointFromWire))
        return {}
      },
    )
    app.get(
      '/v1/imports/runs/:id/metrics',
      {
        schema: {
          tags,
          summary: 'Every point of every metric of a run, as [metric, value, time, step]',
          params: wire.Id,
          querystring: Type.Object(Page),
        },
      },
      async (request) => {
        const { items, ...rest } = await tracking.listRunMetrics(request.params.id, request.query)
        return {
          points: items.map(({ key, value, at, step }) => [key, toWireNumber(value), at, step]),
          ...rest,
        }
      },
    )
    app.put(
      '/v1/imports/logged-models/:id',
      {
        bodyLimit,
        schema: {
          tags,
          summary: 'A logged model with its id, times, state and metrics',
          params: wire.Id,
          body: wire.LoggedModel,
        },
      },
      (request) => tracking.importLoggedModel(wire.loggedModelFromWire(request.params.id, request.body)),
    )
    app.get(
      '/v1/imports/logged-models/:id/metrics',
      {
        schema: {
          tags,
          summary: 'Every point that was measured of a logged model',
          params: wire.Id,
          querystring: Type.Object(Page),
        },
      },
      async (request) => {
        const { items, ...rest } = await tracking.listLoggedModelMetrics(request.params.id, request.query)
        return { items: items.map((point) => ({ ...point, value: toWireNumber(point.value) })), ...rest }
      },
    )
    app.get(
      '/v1/imports/models/:name/deleted-versions',
      { schema: { tags, summary: 'Numbers that deleted versions had', params: wire.Name } },
      async (request) => ({ versions: await registry.listDeletedVersions(request.params.name) }),
    )
    app.put(
      '/v1/imports/models/:name',
      {
        bodyLimit,
        schema: { tags, summary: 'A registered model with its times', params: wire.Name, body: wire.Model },
      },
      (request) => registry.importModel({ ...request.body, name: request.params.name }),
    )
    app.put(
      '/v1/imports/models/:name/versions/:version',
      {
        bodyLimit,
        schema: {
          tags,
          summary: 'A version with its number, times and state; the lowest first',
          params: wire.NameAndVersion,
          body: wire.Version,
        },
      },
      (request) => {
        const { name: model, version } = request.params
        return registry.importVersion({ ...request.body, model, version })
      },
    )
    app.put(
      '/v1/imports/models/:name/deleted-versions',
      {
        schema: {
          tags,
          summary: 'Numbers that deleted versions had, so that they are not given again',
          params: wire.Name,
          body: Type.Object({ versions: Type.Array(Type.Integer({ minimum: 1, maximum: 1e6 })) }),
        },
      },
      async (request) => {
        await registry.importDeletedVersions(request.params.name, request.body.versions)
        return {}
      },
    )
    app.put(
      '/v1/imports/models/:name/aliases',
      {
        schema: {
          tags,
          summary: 'Aliases of a model with the versions that they point at',
          params: wire.Name,
          body: Type.Object({ aliases: Type.Record(Type.String(), Type.Integer({ minimum: 1 })) }),
        },
      },
      (request) => registry.importAliases(request.params.name, request.body.aliases),
    )
    await app.register(artifactImportRoutes(artifacts))
  }
}

/** Apart from the others, because bodies of any type go straight through here. */
function artifactImportRoutes(artifacts: ArtifactService): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptStreams(app)
    app.get(
      '/v1/imports/artifacts',
      {
        schema: {
          tags,
          summary: 'All files beneath a folder of the artifacts, with digest and size, by path',
          querystring: Type.Object({ folder: Type.String({ maxLength: 2000 }), ...Page }),
        },
      },
      async (request) => {
        const { folder, limit, pageToken: after } = request.query
        const { items, next } = await artifacts.listTree(folder, { after, limit })
        return next === undefined ? { items } : { items, nextPageToken: next }
      },
    )
    app.put(
      '/v1/imports/artifacts/*',
      {
        schema: {
          tags,
          summary: 'Stores the body, of any type, as a file of the artifacts',
          params: Type.Object({ '*': Type.String() }),
        },
      },
      (request) => {
        const path = request.params['*']
        return artifacts.put(path, requestBody(request, { path, limit: artifacts.limit }))
      },
    )
  }
}
