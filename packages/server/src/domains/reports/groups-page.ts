import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { Page } from '../../kernel/paging.ts'
import type { Experiment, GroupMetric, Run, RunGroup } from '../tracking/index.ts'
import { groupPath } from './experiment-page.ts'
import { formatNumber } from './series-chart.ts'
import { apiPath, type Cell, formatTime, link, renderNext, renderTable } from './tables.ts'

/** A group and its newest runs. */
export type ShownGroup = RunGroup & { newest: readonly Run[] }

/** The groups of an experiment, the latest first; each opens to what its runs have measured and to the runs. */
export function renderGroups(experiment: Experiment, groups: Page<ShownGroup>): string {
  const report = apiPath('experiments', experiment.id, 'report')
  const body = `<p>${link(report, experiment.name).html}</p>
<h1>Groups of ${escapeHtml(experiment.name)}</h1>
${groups.items.length === 0 ? '<p>No run names a group.</p>' : groups.items.map((group) => renderGroup(experiment, group)).join('\n')}
${renderNext('pageToken', groups.nextPageToken, { view: 'groups' })}`
  return htmlPage({ title: `Groups of ${experiment.name}`, body, style })
}

function renderGroup(experiment: Experiment, group: ShownGroup): string {
  const { name, runs, running, failed, metrics, newest } = group
  const counts = [`${runs} ${runs === 1 ? 'run' : 'runs'}`]
  if (running > 0) counts.push(`${running} running`)
  if (failed > 0) counts.push(`${failed} failed`)
  const rows = newest.map((run): Cell[] => [
    link(apiPath('runs', run.id, 'report'), run.name),
    run.status,
    formatTime(run.startedAt),
    formatTime(run.endedAt),
  ])
  return `<details><summary><b>${escapeHtml(name)}</b> ${counts.join(', ')}, last started ${formatTime(group.lastStartedAt)}</summary>
${metrics.length === 0 ? '' : renderTable(['metric', 'runs', 'least', 'greatest', 'mean', 'deviation'], metrics.map(metricRow))}
${renderTable(['run', 'status', 'started', 'ended'], rows)}
<p>${link(groupPath(experiment.id, name), newest.length < runs ? `All ${runs} runs` : 'Side by side').html}</p></details>`
}

function metricRow({ key, runs, min, max, mean, standardDeviation }: GroupMetric): Cell[] {
  const of = ({ value, run }: GroupMetric['min']) => link(apiPath('runs', run, 'report'), formatNumber(value))
  const number = (value: number | null) => (value === null ? '–' : formatNumber(value))
  return [key, String(runs), of(min), of(max), number(mean), number(standardDeviation)]
}

const style = `
body { max-width: none } details { margin: .5rem 0; padding: .2rem .6rem; border-left: 3px solid var(--grid) } summary { cursor: pointer }
`
