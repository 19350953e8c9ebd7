import type { FileSetDiff, FileSetVersion } from '@millrace/client'
import { formatBytes, formatTime } from './format.ts'

/** Cells of a version in a list: version, files, bytes, added, message. */
export function fileSetCells({ version, files, bytes, addedAt, message }: FileSetVersion): string[] {
  return [version, String(files), formatBytes(bytes), formatTime(addedAt), message ?? '']
}

/** One version. */
export function fileSetVersionText(found: FileSetVersion): string {
  const { fileSet, version, files, bytes, message, createdAt, addedAt } = found
  const again = addedAt > createdAt ? `, added again ${formatTime(addedAt)}` : ''
  return `${fileSet}@${version}\n${files} files, ${formatBytes(bytes)}, made ${formatTime(createdAt)}${again}\n${message ? `${message}\n` : ''}`
}

const signs = { added: '+', removed: '-', changed: '~' }

/** What differs between two versions. */
export function fileSetDiffText(diff: FileSetDiff): string {
  const { fileSet, from, to, added, removed, changed, items, nextPageToken } = diff
  const lines = items.map(({ path, change }) => `${signs[change]} ${path}\n`).join('')
  const more = nextPageToken === undefined ? '' : '… (--limit or --json for more)\n'
  const counts = `${added.files} added (${formatBytes(added.bytes)}), ${removed.files} removed (${formatBytes(removed.bytes)}), ${changed.files} changed`
  return `${lines}${more}${fileSet} ${from} → ${to}: ${counts}\n`
}
