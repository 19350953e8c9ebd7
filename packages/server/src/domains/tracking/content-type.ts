const types: Record<string, string> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
  MLmodel: 'text/plain; charset=utf-8',
}

/** The media type by the end of the name; bytes of unknown meaning otherwise. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const end = name.slice(name.lastIndexOf('.') + 1)
  return Object.hasOwn(types, end) ? types[end] : 'application/octet-stream'
}
