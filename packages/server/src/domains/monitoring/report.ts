import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { StoredDecision, StoredWindow } from './store.ts'

interface Series {
  name: string
  className: string
  values: (number | null)[]
}

const width = 960
const height = 220
const margin = { left: 56, right: 12, top: 12, bottom: 24 }

/**
 * One self-contained page about a monitor: predicted against observed rate, log loss and AUC by window, drifted
 * columns, and what was decided. No script.
 */
export function renderReport(
  name: string,
  windows: readonly StoredWindow[],
  decisions: readonly StoredDecision[],
): string {
  const retrained = decisions.filter((decision) => decision.action === 'retrain')
  const marks = {
    alerts: windows.flatMap((window, i) => (window.alert ? [i] : [])),
    retrained: retrained.map((decision) => windows.findIndex((w) => w.start === decision.windowStart)),
    versions: versionChanges(windows),
  }
  const chart = (
    title: string,
    series: Series[],
    format: (value: number) => string,
    range?: [number, number],
  ) => `<h2>${escapeHtml(title)}</h2>${renderChart(windows, series, { marks, format, range })}`
  const body = `<h1>Monitor ${escapeHtml(name)}</h1>
<p>Windows: ${windows.length}, with an alert: ${windows.filter((w) => w.alert).length}, retrainings:
${retrained.length}. Shaded: alert. Solid line: retraining decided. Dotted line: another model version
answers most requests.</p>
${
  windows.length === 0
    ? '<p>No window has been judged yet: send predictions and labels, then evaluate the monitor.</p>'
    : [
        chart('Positive rate', rates(windows), percent),
        chart(
          'Log loss',
          [{ name: 'log loss', className: 'a', values: windows.map((w) => w.logLoss) }],
          fixed,
        ),
        chart('ROC AUC', [{ name: 'ROC AUC', className: 'a', values: windows.map((w) => w.auc) }], fixed),
        chart('Label coverage', [coverage(windows)], percent, [0, 1]),
        '<h2>Drifted columns, strongest last window first</h2>',
        renderDrift(windows),
        '<h2>Decisions</h2>',
        renderDecisions(decisions),
      ].join('\n')
}`
  return htmlPage({ title: name, style, body })
}

function rates(windows: readonly StoredWindow[]): Series[] {
  const observed = windows.map(({ calibration }) =>
    calibration.labelled > 0 ? calibration.observed / calibration.labelled : null,
  )
  return [
    { name: 'predicted', className: 'a', values: windows.map((w) => w.meanPrediction) },
    { name: 'observed', className: 'b', values: observed },
  ]
}

function coverage(windows: readonly StoredWindow[]): Series {
  const values = windows.map((w) => (w.requests > 0 ? w.labelled / w.requests : null))
  return { name: 'labelled', className: 'a', values }
}

function versionChanges(windows: readonly StoredWindow[]): number[] {
  return windows.flatMap((window, i) => {
    const before = windows[i - 1]?.modelVersions[0]
    return before !== undefined && window.modelVersions[0] !== before ? [i] : []
  })
}

function renderChart(
  windows: readonly StoredWindow[],
  series: Series[],
  options: {
    marks: { alerts: number[]; retrained: number[]; versions: number[] }
    format: (value: number) => string
    /** Default: a little more than the values need. */
    range?: [number, number]
  },
): string {
  const values = series.flatMap((one) => one.values.filter((value) => value !== null))
  if (values.length === 0) return '<p>No values yet.</p>'
  const [low, high] = options.range ?? niceRange(Math.min(...values), Math.max(...values))
  const step = (width - margin.left - margin.right) / Math.max(1, windows.length)
  const x = (i: number) => margin.left + (i + 0.5) * step
  const y = (value: number) =>
    margin.top + ((high - value) / (high - low)) * (height - margin.top - margin.bottom)
  const bottom = height - margin.bottom
  const vertical = (i: number, className: string) =>
    `<line class="${className}" x1="${round(x(i))}" x2="${round(x(i))}" y1="${margin.top}" y2="${bottom}"/>`
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => low + share * (high - low))
  const every = Math.max(1, Math.ceil(windows.length / 9))
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(series.map((s) => s.name).join(' and '))} by window">
${options.marks.alerts.map((i) => `<rect class="alert" x="${round(x(i) - step / 2)}" y="${margin.top}" width="${round(step)}" height="${bottom - margin.top}"/>`).join('')}
${ticks.map((tick) => `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/><text x="${margin.left - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${options.format(tick)}</text>`).join('')}
${windows.map((window, i) => (i % every === 0 ? `<text x="${round(x(i))}" y="${height - 6}" text-anchor="middle">${isoDay(window.start)}</text>` : '')).join('')}
${options.marks.retrained
  .filter((i) => i >= 0)
  .map((i) => vertical(i, 'retrain'))
  .join('')}
${options.marks.versions.map((i) => vertical(i, 'version')).join('')}
${series.map((one) => renderLine(one, x, y)).join('')}
</svg><p class="legend">${series.map((one) => `<span class="${one.className}">${escapeHtml(one.name)}</span>`).join(' ')}</p>`
}

/** Gaps stay gaps: a window without a value breaks the line. */
function renderLine(series: Series, x: (i: number) => number, y: (value: number) => number): string {
  let path = ''
  let drawing = false
  for (const [i, value] of series.values.entries()) {
    if (value !== null) path += `${drawing ? 'L' : 'M'}${round(x(i))} ${round(y(value))}`
    drawing = value !== null
  }
  return `<path class="line ${series.className}" d="${path}"/>`
}

function renderDrift(windows: readonly StoredWindow[]): string {
  const names = (windows.findLast((w) => w.drift.length > 0)?.drift ?? []).map((d) => d.name)
  if (names.length === 0) return '<p>Nothing tested yet: drift needs a whole cycle of windows.</p>'
  const cell = (window: StoredWindow, name: string) => {
    const drift = window.drift.find((one) => one.name === name)
    const title = drift ? `${isoDay(window.start)} ${name}: effect ${drift.effect.toFixed(3)}` : ''
    return `<td class="${drift?.drifted ? 'drifted' : drift ? 'steady' : ''}" title="${escapeHtml(title)}"></td>`
  }
  return `<div class="wide"><table class="heat">${names
    .map(
      (name) =>
        `<tr><th>${escapeHtml(name)}</th>${windows.map((window) => cell(window, name)).join('')}</tr>`,
    )
    .join('')}</table></div>`
}

function renderDecisions(decisions: readonly StoredDecision[]): string {
  const rows = decisions.map(
    (decision) =>
      `<tr><td class="day">${isoDay(decision.windowStart)}</td><td>${decision.action}</td><td>${escapeHtml(decision.reason)}</td><td>${decision.outcome ?? ''}</td></tr>`,
  )
  return `<div class="wide"><table><tr><th>window</th><th>action</th><th>why</th><th>outcome</th></tr>${rows.join('')}</table></div>`
}

/** A little more than the values need; never empty. */
function niceRange(min: number, max: number): [number, number] {
  const room = (max - min || Math.abs(max) || 1) * 0.08
  return [min - room, max + room]
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`
}

function fixed(value: number): string {
  return value.toFixed(3)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

const style = `
.alert { fill: var(--alert) } .retrain { stroke: var(--ink); stroke-width: 1.5 } .version { stroke: var(--soft); stroke-dasharray: 2 3 }
.legend { margin: 0 0 0 56px; font-size: 13px } .legend .a { color: var(--a) } .legend .b { color: var(--b) } .legend span::before { content: '— ' }
.day { white-space: nowrap } .heat { width: 100% } .heat th { font-weight: normal; white-space: nowrap; width: 1%; padding-right: .8rem }
.heat td { padding: 0; height: 1.1rem; border: 1px solid var(--paper) } .heat .drifted { background: var(--b) } .heat .steady { background: var(--good) }
`
