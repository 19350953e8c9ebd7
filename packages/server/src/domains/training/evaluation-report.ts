import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { Evaluation } from './evaluation.ts'
import { show } from './gate-checks.ts'
import { mainMetrics, sliceLoss } from './scores.ts'

/**
 * An evaluation to read: one page that holds all it shows. `plots` are SVG documents by name, which are shown as images so
 * that the identifiers inside them cannot clash.
 */
export function renderEvaluation(evaluation: Evaluation, plots: Readonly<Record<string, string>>): string {
  const { task, rows, from, through, passed, model, data } = evaluation
  const title = `Evaluation: ${passed ? 'passed' : 'failed'}`
  const body = [
    `<h1>${title}</h1>`,
    `<p>${escapeHtml(task)}, ${rows} rows from ${formatTime(from)} to ${formatTime(through)}</p>`,
    section('Gate', ['', 'check'], checkRows(evaluation)),
    section('Scores', ['metric', 'value', '95 % interval', 'standard error'], scoreRows(evaluation)),
    section(...comparison(evaluation)),
    thresholdOf(evaluation),
    ...evaluation.slices.map((column) => section(...sliceTable(evaluation, column))),
    images(plots),
    `<p class="ids">model ${escapeHtml(model)}<br>data ${escapeHtml(data)}</p>`,
  ]
  return htmlPage({ title, style, body: body.filter(Boolean).join('\n') })
}

type Table = [title: string, head: readonly string[], rows: readonly (readonly string[])[]]

/** Nothing at all without rows. */
function section(...[title, head, rows]: Table): string {
  if (rows.length === 0) return ''
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')
  const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')
  return `<h2>${escapeHtml(title)}</h2><div class="wide"><table><thead><tr>${cells(head, 'th')}</tr></thead>
<tbody>${body}</tbody></table></div>`
}

function checkRows({ checks }: Evaluation): string[][] {
  return checks.map(({ passed, detail }) => [passed ? 'passed' : 'failed', detail])
}

function scoreRows({ scores, intervals }: Evaluation): string[][] {
  return Object.entries(scores).map(([name, value]) => {
    const interval = Object.hasOwn(intervals.metrics, name) ? intervals.metrics[name] : undefined
    if (!interval) return [name, show(value), '', '']
    const { low, high, standardError } = interval
    return [name, show(value), `${show(low)} … ${show(high)}`, show(standardError)]
  })
}

/** The model, what can be had without one, and the model in place. */
function comparison({ scores, baselines, champion, task }: Evaluation): Table {
  const others = [
    ...baselines.map(({ name, scores: own }) => ({ name, scores: own })),
    ...(champion ? [{ name: `champion ${champion.champion}`, scores: champion.scores }] : []),
  ]
  const names = [...new Set([...mainMetrics(task), ...others.flatMap((other) => Object.keys(other.scores))])]
  const row = (name: string, own: Readonly<Record<string, number>>) => [
    name,
    ...names.map((metric) => (Object.hasOwn(own, metric) ? show(own[metric]) : '–')),
  ]
  const rows = others.map((other) => row(other.name, other.scores))
  return ['Comparison', ['', ...names], rows.length > 0 ? [row('this model', scores), ...rows] : []]
}

function sliceTable({ task }: Evaluation, { column, count, slices }: Evaluation['slices'][number]): Table {
  const own = sliceLoss(task)
  const names = [...new Set(slices.flatMap(({ scores }) => Object.keys(scores)))].filter(
    (name) => name !== own,
  )
  const rows = slices.map(({ slice, rows, scores, loss, standardError }) => [
    slice,
    String(rows),
    `${show(loss)} ± ${show(standardError)}`,
    ...names.map((name) => (Object.hasOwn(scores, name) ? show(scores[name]) : '–')),
  ])
  const shown = slices.length < count ? `, the worst ${slices.length} of ${count}` : ''
  return [`By ${column}${shown}`, [column, 'rows', `${own} ± standard error`, ...names], rows]
}

function thresholdOf({ threshold }: Evaluation): string {
  if (!threshold) return ''
  const { costs, threshold: at, meanCost, meanCostAtHalf } = threshold
  return `<h2>Threshold by cost</h2><p>Above ${show(at)} a row costs ${show(meanCost)} on average, above 0.5 ${show(meanCostAtHalf)}
(a false positive ${costs.falsePositive}, a false negative ${costs.falseNegative}); chosen on these rows.</p>`
}

function images(plots: Readonly<Record<string, string>>): string {
  const shown = Object.entries(plots).map(
    ([name, svg]) =>
      `<img alt="${escapeHtml(name.replaceAll('_', ' '))}" src="data:image/svg+xml;base64,${toBase64(svg)}">`,
  )
  return shown.length > 0 ? `<h2>Plots</h2><div class="plots">${shown.join('\n')}</div>` : ''
}

function formatTime(at: number): string {
  return new Date(at).toISOString()
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64')
}

const style = `
.plots { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1rem } img { max-width: 100% } .ids { color: var(--soft); font-size: 12px; overflow-wrap: anywhere }
`
