import { escapeHtml } from '../../kernel/html.ts'

/** Markup that is put into a page as it is. */
export interface Markup {
  readonly html: string
}

/** A cell: text, which is escaped, or markup. */
export type Cell = string | Markup

export function link(href: string, text: string): Markup {
  return { html: `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>` }
}

/** A path of the API; each part is encoded. */
export function apiPath(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`
}

export function renderTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = (row: readonly Cell[]) => row.map((one) => `<td>${toHtml(one)}</td>`).join('')
  const names = head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')
  return `<div class="wide"><table><thead><tr>${names}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

/** A headed table of names and values; nothing at all if there are none. */
export function renderEntries(title: string, entries: readonly (readonly [string, Cell])[]): string {
  if (entries.length === 0) return ''
  return `<h2>${escapeHtml(title)}</h2>${renderTable(['name', 'value'], entries)}`
}

/** A link to the next page of a list, if there is one; `kept` are the other parameters of the page. */
export function renderNext(
  parameter: string,
  token: string | undefined,
  kept: Record<string, string> = {},
): string {
  if (token === undefined) return ''
  const query = Object.entries({ ...kept, [parameter]: token })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')
  return `<p>${link(`?${query}`, 'Next page').html}</p>`
}

/** UTC, to the second. */
export function formatTime(ms: number | null): string {
  // Clients may log any time; a Date ends at ±8.64e15.
  if (ms === null) return '–'
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().slice(0, 19).replace('T', ' ') : `${ms} ms`
}

function toHtml(cell: Cell): string {
  return typeof cell === 'string' ? escapeHtml(cell) : cell.html
}
