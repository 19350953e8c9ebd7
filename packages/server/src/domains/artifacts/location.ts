import { fileURLToPath } from 'node:url'

/** URIs of what lies in this server's own store begin so; clients reach it through the server. */
export const ownRoot = 'mlflow-artifacts:/'

/** The path relative to the artifact root of a URI of the own store; undefined for other URIs. */
export function folderOfUri(uri: string): string | undefined {
  // With a host (`mlflow-artifacts://…`) it is the store of that server.
  const rest = /^mlflow-artifacts:\/(?:\/\/)?(?!\/)(.*)$/.exec(uri)?.[1]
  return rest?.replace(/\/$/, '')
}

/** What of `uri` lies beneath `root`, `''` for the root itself; undefined for what lies elsewhere. */
export function splitUri(root: string, uri: string): string | undefined {
  const file = filePath(root)
  const [base, whole] = file === undefined ? [root, uri] : [file, filePath(uri)]
  if (whole === undefined) return undefined
  const end = whole.replace(/\/+$/, '')
  if (end === base) return ''
  const begin = base.endsWith('/') ? base : `${base}/`
  return end.startsWith(begin) ? end.slice(begin.length) : undefined
}

/** The path that a `file:` URI or an absolute path names; dots in it are left as they are, to be refused later. */
function filePath(uri: string): string | undefined {
  if (uri.startsWith('/')) return uri
  const rest = /^file:(?:\/\/(?:localhost)?)?(\/(?!\/).*)$/i.exec(uri)?.[1]
  if (rest === undefined) return undefined
  if (/(?:^|\/|%2f)(?:\.|%2e)+(?:\/|%2f|$)/i.test(rest)) return undefined
  try {
    return fileURLToPath(`file://${rest}`)
  } catch {
    // Escapes that are no text name no file.
    return undefined
  }
}
