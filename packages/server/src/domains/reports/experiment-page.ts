import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { Page } from '../../kernel/paging.ts'
import type { Note } from '../notes/index.ts'
import { type Experiment, noteTag, type RunDetail } from '../tracking/index.ts'
import { noteStyle, renderNote } from './note.ts'
import { formatNumber } from './series-chart.ts'
import { apiPath, type Cell, formatTime, link, renderEntries, renderNext, renderTable } from './tables.ts'

/** Columns of each kind: more do not fit a page, and the API has them all. */
const mostColumns = 12

/** Runs side by side, newest first, with the metrics and parameters that most of them have; `group` has them all. */
export function renderExperiment(
  experiment: Experiment,
  runs: Page<RunDetail>,
  { note, group }: { note: Note; group?: string },
): string {
  const metrics = mostUsed(runs.items.map((run) => run.metrics.map(({ key }) => key)))
  const grouped = runs.items.some(({ group }) => group !== null)
  const params = mostUsed(runs.items.map((run) => Object.keys(run.params)))
  const rows = runs.items.map((run): Cell[] => {
    const values = new Map(run.metrics.map(({ key, value }) => [key, formatNumber(value)]))
    return [
      link(apiPath('runs', run.id, 'report'), run.name),
      ...(grouped ? [run.group === null ? '' : link(groupPath(experiment.id, run.group), run.group)] : []),
      run.status,
      formatTime(run.startedAt),
      ...metrics.map((key) => values.get(key) ?? ''),
      ...params.map((key) => (run.params[key] ?? '').slice(0, 60)),
    ]
  })
  const body = `<p><a href="/">Experiments</a></p>
<h1>${escapeHtml(experiment.name)}</h1>
${group === undefined ? '' : `<p>Runs of the group <b>${escapeHtml(group)}</b>; ${link(apiPath('experiments', experiment.id, 'report'), 'all runs').html}</p>`}
${experiment.lifecycleStage === 'deleted' ? '<p>This experiment is deleted.</p>' : ''}
${renderNote(note)}
${grouped ? `<p>${link(`${apiPath('experiments', experiment.id, 'report')}?view=groups`, 'By group').html}</p>` : ''}
${runs.items.length === 0 ? '<p>No runs.</p>' : renderTable(['run', ...(grouped ? ['group'] : []), 'status', 'started', ...metrics, ...params], rows)}
${renderNext('pageToken', runs.nextPageToken, group === undefined ? {} : { group })}
${renderEntries(
  'Tags',
  Object.entries(experiment.tags).filter(([key]) => key !== noteTag),
)}`
  return htmlPage({ title: experiment.name, body, style: `body { max-width: none }${noteStyle}` })
}

/** The page with the runs of one group. */
export function groupPath(experiment: string, group: string): string {
  return `${apiPath('experiments', experiment, 'report')}?group=${encodeURIComponent(group)}`
}

/** The keys that most lists have, by name. */
function mostUsed(lists: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, number>()
  for (const key of lists.flat()) counts.set(key, (counts.get(key) ?? 0) + 1)
  const byUse = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
  return byUse
    .slice(0, mostColumns)
    .map(([key]) => key)
    .sort()
}
