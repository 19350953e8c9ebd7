import createMarkdown from 'markdown-it'
import { escapeHtml } from '../../kernel/html.ts'
import type { Note } from '../notes/index.ts'
import { formatTime } from './tables.ts'

// Markup in the text is shown as text; links that run something stay text; pictures would tell others who reads.
const markdown = createMarkdown({ html: false }).disable('image')

/** Markdown as markup that nothing runs in. */
export function renderMarkdown(text: string): string {
  return `<div class="note">${markdown.render(text)}</div>`
}

/** The note with who wrote it last; nothing at all if there is none. */
export function renderNote({ text, version, edited }: Note): string {
  if (text === '') return ''
  const editor =
    edited === null
      ? ''
      : `<p class="soft">Version ${version}, by ${escapeHtml(edited.by)} at ${formatTime(edited.at)}</p>`
  return `<h2>Note</h2>${renderMarkdown(text)}${editor}`
}

export const noteStyle = `
.note { border-left: 3px solid var(--grid); padding-left: .8rem } .note h1, .note h2, .note h3 { font-size: 1.05rem }
.note pre { overflow-x: auto } .soft { color: var(--soft); font-size: 13px }
`
