import { createHash } from 'node:crypto'
import { htmlPage } from '../../kernel/html.ts'
import type { Page } from '../../kernel/paging.ts'
import type { RegisteredModel } from '../registry/index.ts'
import type { Experiment } from '../tracking/index.ts'
import { apiPath, formatTime, link, renderNext, renderTable } from './tables.ts'

/**
 * The page at `/`: what there is. Links as MLflow's clients print them (`/#/experiments/1/runs/…`) have their place behind
 * the `#`, which no server sees: the script leads on to the page of that thing.
 */
export function renderHome(experiments: Page<Experiment>, models: Page<RegisteredModel>): string {
  return htmlPage({
    title: 'Millrace',
    body: `<h1>Millrace</h1>
<p><a href="/docs">API</a> · <a href="/metrics">metrics</a> for Prometheus</p>
<h2>Experiments</h2>
${renderExperiments(experiments)}
<h2>Registered models</h2>
${renderModels(models)}
<script>${script}</script>`,
  })
}

function renderExperiments({ items, nextPageToken }: Page<Experiment>): string {
  const rows = items.map((experiment) => [
    experiment.id,
    link(apiPath('experiments', experiment.id, 'report'), experiment.name),
    formatTime(experiment.createdAt),
    formatTime(experiment.updatedAt),
  ])
  if (rows.length === 0) return '<p>None yet.</p>'
  return renderTable(['id', 'name', 'created', 'changed'], rows) + renderNext('experiments', nextPageToken)
}

function renderModels({ items, nextPageToken }: Page<RegisteredModel>): string {
  const rows = items.map((model) => [
    link(apiPath('models', model.name, 'report'), model.name),
    model.latestVersion === 0 ? 'no version' : String(model.latestVersion),
    Object.entries(model.aliases)
      .map(([alias, version]) => `${alias} → ${version}`)
      .join(', '),
    formatTime(model.updatedAt),
  ])
  if (rows.length === 0) return '<p>None yet.</p>'
  return (
    renderTable(['name', 'latest version', 'aliases', 'changed'], rows) + renderNext('models', nextPageToken)
  )
}

const script = `
const places = [
  [/^#\\/experiments\\/[^/?]+\\/runs\\/([^/?]+)/, (run) => '/v1/runs/' + run + '/report'],
  [/^#\\/experiments\\/[^/?]+\\/models\\/([^/?]+)/, (model) => '/v1/logged-models/' + model],
  [/^#\\/experiments\\/([^/?]+)/, (experiment) => '/v1/experiments/' + experiment + '/report'],
  [/^#\\/models\\/([^/?]+)/, (model) => '/v1/models/' + model + '/report'],
]
function lead() {
  for (const [pattern, place] of places) {
    const found = pattern.exec(location.hash)
    if (found) return location.replace(place(found[1]))
  }
}
addEventListener('hashchange', lead)
lead()
`

/** Lets this one script run and nothing else. */
export const homePolicy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`
