import type { ApplyResult, DefinitionChange } from '@millrace/client'

const marks = { create: '+', update: '~', delete: '-', unchanged: ' ' } as const

/** What an apply changes: `+` new, `~` changed with its fields, `-` removed; then a line of totals. */
export function formatChanges({ changes, applied }: ApplyResult): string {
  const lines = changes.filter((change) => change.action !== 'unchanged').map(formatChange)
  const count = (action: DefinitionChange['action']) =>
    changes.filter((change) => change.action === action).length
  const totals = `${count('create')} new, ${count('update')} changed, ${count('delete')} removed, ${count('unchanged')} unchanged`
  const end = applied ? 'Applied' : 'Not applied (dry run)'
  return `${lines.join('')}${lines.length > 0 ? `${end}: ${totals}.` : `Nothing to do: ${totals}.`}\n`
}

function formatChange({ action, kind, name, fields, sameVersion, destructive }: DefinitionChange): string {
  const detail = fields && fields.length > 0 ? `: ${fields.join(', ')}` : ''
  const same = sameVersion ? '  (the version stays)' : ''
  const warning = destructive ? '  (breaks what relies on it)' : ''
  return `${marks[action]} ${kind} ${name}${detail}${same}${warning}\n`
}
