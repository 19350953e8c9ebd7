import { escapeHtml, htmlPage } from '../../kernel/html.ts'
import type { Note } from '../notes/index.ts'
import type { AliasMove, ModelVersion, RegisteredModel } from '../registry/index.ts'
import { noteStyle, renderMarkdown, renderNote } from './note.ts'
import { apiPath, type Cell, formatTime, link, renderEntries, renderTable } from './tables.ts'

/** A registered model: its versions, newest first, and where its aliases have pointed. */
export function renderModel(
  model: RegisteredModel,
  { note, versions, moves }: { note: Note; versions: readonly ModelVersion[]; moves: readonly AliasMove[] },
): string {
  const rows = versions.map((version): Cell[] => [
    String(version.version),
    version.label,
    version.status === 'READY' ? 'READY' : `${version.status}: ${version.reason}`.slice(0, 200),
    version.stage,
    version.aliases.join(', '),
    version.lineage.run === null
      ? '–'
      : link(apiPath('runs', version.lineage.run, 'report'), version.lineage.run),
    version.digest?.slice(0, 12) ?? '–',
    formatTime(version.createdAt),
  ])
  const history = moves.map((move) => [
    formatTime(move.at),
    move.alias,
    String(move.version ?? 'removed'),
    move.by,
    move.reason,
  ])
  const body = `<p><a href="/">Registered models</a></p>
<h1>${escapeHtml(model.name)}</h1>
${renderNote(note)}
<h2>Versions</h2>
${versions.length === 0 ? '<p>None.</p>' : renderTable(['version', 'label', 'status', 'stage', 'aliases', 'run', 'digest', 'created'], rows)}
${versions.map(renderVersionNote).join('')}
${moves.length === 0 ? '' : `<h2>Aliases over time</h2>${renderTable(['when', 'alias', 'version', 'by', 'why'], history)}`}
${renderEntries('Tags', Object.entries(model.tags))}`
  return htmlPage({ title: model.name, body, style: noteStyle })
}

function renderVersionNote({ version, description }: ModelVersion): string {
  if (!description) return ''
  return `<details><summary>Note of version ${version}</summary>${renderMarkdown(description)}</details>`
}
