const text = 'text/plain; charset=utf-8'
const types: Record<string, string> = {
  gif: 'image/gif',
  html: 'text/html; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
}
/** MLflow's clients expect these to be shown as they are. */
const textual = new Set(
  'txt log err cfg conf cnf cf ini properties prop hocon toml yaml yml xml json js py py3 ipynb csv tsv md rst MLmodel MLproject'.split(
    ' ',
  ),
)

/** The media type by the end of the name; bytes of unknown meaning otherwise. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const end = name.slice(name.lastIndexOf('.') + 1)
  if (textual.has(end) || textual.has(end.toLowerCase())) return text
  const type = end.toLowerCase()
  return Object.hasOwn(types, type) ? types[type] : 'application/octet-stream'
}
