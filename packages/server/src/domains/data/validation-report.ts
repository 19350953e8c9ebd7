import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { StoredValidation } from './store.ts'
import type { ExpectationResult } from './validation.ts'

/** Failing rows of one expectation that the page shows. */
const shownRows = 10

/** A validation as one page: what failed first, with failing rows, then what passed. */
export function renderValidation({
  dataset,
  version,
  accepted,
  createdAt,
  result,
}: StoredValidation): string {
  const { results, statistics } = result
  const failed = results.filter(({ success }) => !success)
  const passed = results.filter(({ success }) => success)
  const stopping = failed.filter(({ expectation_config: { severity } }) => severity === 'stop').length
  const verdict = accepted
    ? failed.length === 0
      ? 'All expectations are met.'
      : 'Accepted, though not all expectations are met.'
    : `Stopped: ${stopping} of the expectations that must be met ${stopping === 1 ? 'is' : 'are'} not.`
  const body = `<h1>${escapeHtml(dataset)} <small>version ${escapeHtml(version)}</small></h1>
<p class="verdict ${accepted ? 'good' : 'bad'}">${escapeHtml(verdict)}</p>
<p>${statistics.successful_expectations} of ${statistics.evaluated_expectations} expectations met
${meter(statistics.success_percent / 100)} · ${escapeHtml(new Date(createdAt).toISOString().slice(0, 19).replace('T', ' '))} UTC</p>
${failed.length > 0 ? `<h2>Not met</h2>${failed.map(renderFailure).join('')}` : ''}
${passed.length > 0 ? `<h2>Met</h2>${renderPassed(passed)}` : ''}`
  return htmlPage({ title: `${dataset} ${version}: validation`, body, style })
}

function renderFailure(one: ExpectationResult): string {
  const { expectation_config: config, result } = one
  const counted =
    result.element_count === undefined
      ? `<p>Observed: <code>${escapeHtml(short(result.observed_value))}</code></p>`
      : `<p>${result.unexpected_count} of ${result.element_count} rows
        ${meter((result.unexpected_percent ?? 0) / 100)}</p>`
  return `<section class="${config.severity}"><h3><span class="tag">${config.severity}</span> ${ruleText(one)}</h3>
${notesOf(one)}${counted}${rowsOf(result)}${cellsOf(result)}${detailsOf(result)}</section>`
}

/** What is expected, as a sentence: type, columns and the other kwargs. */
function ruleText({ expectation_config: { type, kwargs } }: ExpectationResult): string {
  const { column, column_A: a, column_B: b, column_list: list, ...rest } = kwargs
  const columns = [column, a, b, ...(Array.isArray(list) ? list : [])].filter(
    (name) => typeof name === 'string',
  )
  const words = type.replace(/^expect_/, '').replaceAll('_', ' ')
  const named = columns.map((name) => `<b>${escapeHtml(name)}</b>`).join(', ')
  const others = Object.keys(rest).length === 0 ? '' : ` <code>${escapeHtml(short(rest))}</code>`
  return `${named ? `${named}: ` : ''}${escapeHtml(words)}${others}`
}

function notesOf({ expectation_config: { notes } }: ExpectationResult): string {
  if (notes === undefined) return ''
  return `<p class="notes">${escapeHtml(Array.isArray(notes) ? notes.join(' ') : notes)}</p>`
}

function rowsOf({ partial_unexpected_rows: rows }: ExpectationResult['result']): string {
  if (!rows || rows.length === 0) return ''
  const names = Object.keys(rows[0])
  const head = names.map((name) => `<th>${escapeHtml(name)}</th>`).join('')
  const lines = rows.slice(0, shownRows).map((row) => {
    const cells = names.map((name) => `<td>${escapeHtml(short(row[name]))}</td>`)
    return `<tr>${cells.join('')}</tr>`
  })
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`
}

interface Cell {
  cell: string
  previous: number
  now: number
}

/** Shares of the cells of a distribution, before and now. */
function cellsOf({ details }: ExpectationResult['result']): string {
  const cells = details?.cells as Cell[] | undefined
  if (!cells) return ''
  const sum = (side: 'previous' | 'now') => cells.reduce((total, cell) => total + cell[side], 0) || 1
  const [before, now] = [sum('previous'), sum('now')]
  const lines = cells.map(
    (cell) => `<tr><td>${escapeHtml(cell.cell)}</td><td>${meter(cell.previous / before)}</td>
<td>${meter(cell.now / now)}</td></tr>`,
  )
  return `<div class="wide"><table><thead><tr><th>cell</th><th>version before</th><th>now</th></tr></thead>
<tbody>${lines.join('')}</tbody></table></div>`
}

function detailsOf({ details }: ExpectationResult['result']): string {
  if (!details) return ''
  const { cells: _, ...rest } = details
  return Object.keys(rest).length === 0 ? '' : `<p><code>${escapeHtml(short(rest))}</code></p>`
}

function renderPassed(passed: readonly ExpectationResult[]): string {
  const lines = passed.map((one) => {
    const { result } = one
    const told =
      result.element_count === undefined
        ? short(result.observed_value)
        : `${result.unexpected_count} of ${result.element_count} rows otherwise`
    return `<tr><td>${ruleText(one)}</td><td>${escapeHtml(told)}</td></tr>`
  })
  return `<div class="wide"><table><tbody>${lines.join('')}</tbody></table></div>`
}

/** A bar for a share from 0 to 1, and its percentage. */
function meter(share: number): string {
  const width = Math.round(100 * Math.min(1, Math.max(0, share)))
  return `<svg class="meter" viewBox="0 0 100 8" role="img" aria-label="${width} %"><rect class="all" width="100" height="8"/><rect class="part" width="${width}" height="8"/></svg> ${percentText(100 * share)}`
}

function percentText(percent: number | null | undefined): string {
  if (percent === null || percent === undefined) return '–'
  return `${percent > 0 && percent < 0.01 ? '< 0.01' : Number(percent.toFixed(2))} %`
}

/** A value as JSON, cut where it is long. */
function short(value: unknown): string {
  if (value === undefined) return '–'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

const style = `
small { color: var(--soft); font-weight: normal } .verdict { padding: .4rem .8rem; border-radius: 4px }
.good { background: var(--good) } .bad { background: var(--alert) }
section { border-left: 3px solid var(--grid); padding-left: .8rem; margin: 1rem 0 }
section.stop { border-color: var(--b) } h3 { font-size: .95rem; font-weight: normal; margin: 0 }
.tag { font-size: 12px; border: 1px solid var(--grid); border-radius: 3px; padding: 0 .3rem }
.notes { color: var(--soft); margin: .2rem 0 } .meter { width: 100px; height: 8px; vertical-align: middle }
.meter .all { fill: var(--grid) } .meter .part { fill: var(--a) } code { font-size: 12px; overflow-wrap: anywhere }
`
