import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { ReadableEntry } from '../artifacts/index.ts'
import type { Note } from '../notes/index.ts'
import { type Experiment, type MetricSeries, noteTag, type RunDetail } from '../tracking/index.ts'
import { noteStyle, renderNote } from './note.ts'
import { formatNumber, renderSeries } from './series-chart.ts'
import { apiPath, type Cell, formatTime, link, renderEntries, renderTable } from './tables.ts'

const parentTag = 'mlflow.parentRunId'

export interface RunReport {
  run: RunDetail
  experiment: Experiment
  note: Note
  /** Of the metrics with more than one point, as many as are drawn. */
  series: readonly MetricSeries[]
  /** The top folder; null = this server cannot read the run's files. */
  files: readonly ReadableEntry[] | null
}

/** A run at one look: what it was given, what it measured over its steps, what it left. */
export function renderRun({ run, experiment, note, series, files }: RunReport): string {
  const { tags } = run
  const shownTags = Object.entries(tags).filter(([key]) => key !== noteTag)
  const body = [
    `<p>${link(apiPath('experiments', experiment.id, 'report'), experiment.name).html}</p>`,
    `<h1>${escapeHtml(run.name)}</h1>`,
    run.lifecycleStage === 'deleted' ? '<p class="alert">This run is deleted.</p>' : '',
    renderTable(
      ['run', 'status', 'user', 'started', 'ended'],
      [[run.id, run.status, run.user, formatTime(run.startedAt), formatTime(run.endedAt)]],
    ),
    tags[parentTag]
      ? `<p>Part of ${link(apiPath('runs', tags[parentTag], 'report'), tags[parentTag]).html}</p>`
      : '',
    renderNote(note),
    renderMetrics(run),
    series.length > 0
      ? `<div class="charts">${series.map(({ key, pixels }) => renderSeries(key, pixels)).join('\n')}</div>`
      : '',
    renderEntries('Parameters', Object.entries(run.params)),
    renderDatasets(run),
    renderModels(run),
    renderFiles(run, files),
    renderEntries('Tags', shownTags),
  ]
  return htmlPage({ title: run.name, style: style + noteStyle, body: body.filter(Boolean).join('\n') })
}

function renderMetrics({ metrics }: RunDetail): string {
  if (metrics.length === 0) return ''
  const rows = metrics.map(({ key, value, step, at }) => [
    key,
    formatNumber(value),
    String(step),
    formatTime(at),
  ])
  return `<h2>Metrics</h2>${renderTable(['name', 'latest', 'step', 'at'], rows)}`
}

function renderDatasets({ inputs }: RunDetail): string {
  if (inputs.length === 0) return ''
  const rows = inputs.map(({ dataset, tags }) => [
    dataset.name,
    dataset.digest,
    tags['mlflow.data.context'] ?? '',
    dataset.source.slice(0, 200),
  ])
  return `<h2>Datasets</h2>${renderTable(['name', 'digest', 'context', 'source'], rows)}`
}

function renderModels({ modelInputs, modelOutputs }: RunDetail): string {
  const rows: Cell[][] = [
    ...modelInputs.map((model) => ['used', link(apiPath('logged-models', model), model), '']),
    ...modelOutputs.map(({ model, step }) => [
      'made',
      link(apiPath('logged-models', model), model),
      String(step),
    ]),
  ]
  return rows.length === 0 ? '' : `<h2>Models</h2>${renderTable(['', 'model', 'step'], rows)}`
}

function renderFiles(run: RunDetail, files: RunReport['files']): string {
  const head = '<h2>Files</h2>'
  if (files === null) {
    return `${head}<p>They are at ${escapeHtml(run.artifactUri)}, which this server does not read.</p>`
  }
  if (files.length === 0) return `${head}<p>None.</p>`
  const rows = files.map((entry): Cell[] => {
    const path = `/v1/runs/${encodeURIComponent(run.id)}/artifacts`
    if (entry.kind === 'folder') {
      return [link(`${path}?folder=${encodeURIComponent(entry.path)}`, `${entry.path}/`), '', '']
    }
    const file = `${path}/${entry.path.split('/').map(encodeURIComponent).join('/')}`
    return [link(file, entry.path), `${entry.size} bytes`, formatTime(entry.createdAt)]
  })
  return `${head}${renderTable(['path', 'size', 'stored'], rows)}`
}

const style = `
.alert { background: var(--alert); padding: .3rem .6rem } pre { white-space: pre-wrap }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: .4rem 1.2rem }
figure { margin: 0 } h3 { font-size: .9rem; font-weight: normal; margin: .8rem 0 0 } .band { fill: var(--a); opacity: .18 } .dot { fill: var(--a) }
`
