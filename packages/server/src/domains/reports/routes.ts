import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { isPlatformError } from '@millrace/protocol'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Page } from '../../kernel/paging.ts'
import type { NoteService } from '../notes/index.ts'
import type { AliasMove, RegistryService } from '../registry/index.ts'
import type { MetricSeries, RunDetail, TrackingService } from '../tracking/index.ts'
import { renderExperiment } from './experiment-page.ts'
import { renderGroups, type ShownGroup } from './groups-page.ts'
import { homePolicy, renderHome } from './home-page.ts'
import { renderModel } from './model-page.ts'
import { renderRun } from './run-page.ts'

const tags = ['Reports']
const Token = Type.Optional(Type.String({ maxLength: 2000 }))
const policy = "default-src 'none'; style-src 'unsafe-inline'"
/** Charts of one page, parts of one chart, runs, groups (with so many runs of each) and versions of one page. */
const most = { charts: 40, parts: 200, runs: 50, groups: 30, runsOfGroup: 10, versions: 200 }

/** Pages to look at, one for each link that MLflow's clients print. */
export function reportRoutes({
  tracking,
  registry,
  notes,
}: {
  notes: NoteService
  tracking: TrackingService
  registry: RegistryService
}): FastifyPluginAsyncTypebox {
  /** Metrics with a curve; those with one point are in the table. */
  async function readSeries(run: RunDetail): Promise<MetricSeries[]> {
    const series = await Promise.all(
      run.metrics
        .slice(0, most.charts)
        .map(({ key }) => tracking.metricSeries({ run: run.id, key, pixels: most.parts })),
    )
    return series.filter(({ points }) => points > 1)
  }

  async function readFiles(run: RunDetail) {
    try {
      return (await tracking.listArtifacts(run.id, { folder: '', limit: 200 })).items
    } catch (error) {
      if (isPlatformError(error) && error.code === 'artifact.not_readable') return null
      throw error
    }
  }

  async function readGroups(experiment: string, pageToken?: string): Promise<Page<ShownGroup>> {
    const { items, ...rest } = await tracking.listRunGroups({ experiment }, { limit: most.groups, pageToken })
    const groups = await Promise.all(
      items.map(async (group) => ({
        ...group,
        newest: (await tracking.listRuns({ experiment, group: group.name }, { limit: most.runsOfGroup }))
          .items,
      })),
    )
    return { items: groups, ...rest }
  }

  return async (app) => {
    app.get(
      '/',
      {
        schema: {
          hide: true,
          querystring: Type.Object({ experiments: Token, models: Token }),
        },
      },
      async ({ query }, reply) => {
        const [experiments, models] = await Promise.all([
          tracking.listExperiments({ pageToken: query.experiments }),
          registry.listModels({ pageToken: query.models }),
        ])
        return sendPage(reply, renderHome(experiments, models), homePolicy)
      },
    )
    app.get(
      '/v1/runs/:id/report',
      {
        schema: {
          tags,
          summary: 'A run at one look (HTML)',
          params: Type.Object({ id: Type.String() }),
        },
      },
      async ({ params }, reply) => {
        const run = await tracking.getRun(params.id)
        const [experiment, note, series, files] = await Promise.all([
          tracking.getExperiment(run.experimentId),
          notes.getNote({ kind: 'run', id: run.id }),
          readSeries(run),
          readFiles(run),
        ])
        return sendPage(reply, renderRun({ run, experiment, note, series, files }))
      },
    )
    app.get(
      '/v1/experiments/:id/report',
      {
        schema: {
          tags,
          summary: 'The runs of an experiment side by side, newest first, or its groups (HTML)',
          params: Type.Object({ id: Type.String() }),
          querystring: Type.Object({
            view: Type.Optional(Type.Union([Type.Literal('runs'), Type.Literal('groups')])),
            group: Type.Optional(Type.String({ maxLength: 200, description: 'Only its runs' })),
            pageToken: Token,
          }),
        },
      },
      async ({ params, query: { view, group, pageToken } }, reply) => {
        const experiment = await tracking.getExperiment(params.id)
        if (view === 'groups') {
          return sendPage(reply, renderGroups(experiment, await readGroups(experiment.id, pageToken)))
        }
        const { items, ...rest } = await tracking.listRuns(
          { experiment: experiment.id, group },
          { limit: most.runs, pageToken },
        )
        const runs = await Promise.all(items.map(({ id }) => tracking.getRun(id)))
        const note = await notes.getNote({ kind: 'experiment', id: experiment.id })
        return sendPage(reply, renderExperiment(experiment, { items: runs, ...rest }, { note, group }))
      },
    )
    app.get(
      '/v1/models/:model/report',
      {
        schema: {
          tags,
          summary: 'A registered model with its versions and the history of its aliases (HTML)',
          params: Type.Object({ model: Type.String() }),
        },
      },
      async ({ params }, reply) => {
        const model = await registry.getModel(params.model)
        const versions = await registry.listVersions(model.name, { limit: most.versions })
        const histories = await Promise.all(
          Object.keys(model.aliases).map((alias) =>
            registry.listAliasHistory({ model: model.name, alias }, { limit: most.versions }),
          ),
        )
        const moves: AliasMove[] = histories
          .flatMap(({ items }) => items)
          .sort((a, b) => b.at - a.at)
          .slice(0, most.versions)
        const note = await notes.getNote({ kind: 'model', id: model.name })
        return sendPage(reply, renderModel(model, { note, versions: versions.items, moves }))
      },
    )
  }
}

function sendPage(reply: FastifyReply, html: string, contentPolicy = policy): string {
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', contentPolicy)
    .header('x-content-type-options', 'nosniff')
  return html
}
