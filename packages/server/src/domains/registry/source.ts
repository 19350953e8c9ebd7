import { fail } from '@millrace/protocol'
import type { RegistryLinks } from './links.ts'
import { parseReference } from './names.ts'

/** A source as it was given, and what it means. */
export interface ResolvedSource {
  source: string
  storageLocation: string
  /** Known from the source. */
  runId: string | null
  modelId: string | null
}

type Given = { source: string; runId?: string | null; modelId?: string | null }

/** Where the files of a version of this registry are. @throws if there is no such version */
type Resolve = (reference: string) => Promise<{ storageLocation: string | null }>

const longest = 4096
const webSchemes = new Set(['http', 'https', 'ftp', 'sftp'])

/**
 * Finds out where a version's files are. `models:/m-…` is a logged model, `models:/name/version` and
 * `models:/name@alias` a version, `runs:/<run>/<path>` a folder of a run. Other URIs must be plain: no `..` and no NUL,
 * however often they are percent-encoded; addresses of the web are none, as what they name may change with every request. Paths of this machine must lie in the artifacts of the run or
 * the logged model that is named with them: else any file that the server can read could be registered and fetched.
 * @throws `model.source_invalid`; `logged_model.not_found` for the one that is named with it; as resolve for the version
 *   that the source names
 */
export async function resolveSource(
  given: Given,
  deps: { links: Pick<RegistryLinks, 'findRun' | 'findLoggedModel'>; resolve: Resolve },
): Promise<ResolvedSource> {
  const { source } = given
  const { links } = deps
  if (source === '' || source.length > longest) {
    throw invalid(source, source === '' ? 'It is empty.' : `It is longer than ${longest} characters.`)
  }
  const loggedModel = given.modelId ? await links.findLoggedModel(given.modelId) : undefined
  if (given.modelId && !loggedModel) throw fail('logged_model.not_found', { model: given.modelId })
  const runId = given.runId ?? loggedModel?.runId ?? null
  const modelId = given.modelId ?? null
  // One letter before a colon is a drive of Windows.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(source)?.[1]?.toLowerCase()

  if (scheme === 'models') return resolveModel(given, { ...deps, runId, modelId })
  if (scheme !== undefined && webSchemes.has(scheme)) {
    throw invalid(source, `${scheme}: is no storage of artifacts. Log the model to a run and register that.`)
  }
  checkPlain(source)
  if (scheme === 'runs') {
    const [, run, path] = /^runs:\/([^/]+)\/(.+)$/.exec(source) ?? []
    const found = run === undefined ? undefined : await links.findRun(run)
    if (!found) throw invalid(source, 'Expected runs:/<run id>/<path> with a run that exists.')
    return { source, storageLocation: `${found.artifactUri}/${path}`, runId: given.runId ?? run, modelId }
  }
  if (scheme === undefined || scheme === 'file') {
    const homes = [
      runId === null ? undefined : (await links.findRun(runId))?.artifactUri,
      loggedModel?.artifactUri,
    ]
    const path = localPath(source)
    const inside = homes.some((home) => home !== undefined && isWithin(path, localPath(home)))
    if (!inside) {
      throw invalid(
        source,
        'To use a local path as a source, name the run (run_id) or the logged model (model_id) in whose artifacts it lies.',
      )
    }
  }
  if (/^[^:]+:\/*$/.test(source))
    throw invalid(source, 'It names no place: there is nothing after the scheme.')
  return { source, storageLocation: source.replace(/\/+$/, ''), runId, modelId }
}

async function resolveModel(
  given: Given,
  deps: Parameters<typeof resolveSource>[1] & { runId: string | null; modelId: string | null },
): Promise<ResolvedSource> {
  const { source } = given
  const [, rest] = /^models:\/([^/].*)$/.exec(source) ?? []
  if (rest === undefined)
    throw invalid(source, 'Expected models:/<logged model id> or models:/<name>/<version>.')
  if (/^m-[0-9a-f]{32}$/.test(rest)) {
    const found = await deps.links.findLoggedModel(rest)
    if (!found) throw invalid(source, `There is no logged model ${rest}.`)
    return {
      source,
      storageLocation: found.artifactUri,
      runId: given.runId ?? found.runId,
      modelId: deps.modelId ?? found.id,
    }
  }
  parseReference(rest)
  const { storageLocation: location } = await deps.resolve(rest)
  if (!location) throw invalid(source, `The version "${rest}" has no files that could be used.`)
  return { source, storageLocation: location, runId: deps.runId, modelId: deps.modelId }
}

/** Refuses what could mean another place than it says. */
function checkPlain(source: string): void {
  let text = source
  for (;;) {
    if (text.includes('\0')) throw invalid(source, 'It has a NUL character.')
    const path = text.replace(/^[a-z][a-z0-9+.-]*:(\/\/[^/]*)?/i, '').replace(/[?#].*$/s, '')
    const parts = path.split(/[/\\]/)
    if (parts.includes('..') || parts.includes('.')) {
      throw invalid(source, 'Give an absolute path without "." and "..".')
    }
    const decoded = decode(text)
    if (decoded === undefined) throw invalid(source, 'Its percent-encoding is broken.')
    if (decoded === text) return
    text = decoded
  }
}

function decode(text: string): string | undefined {
  if (!/%[0-9a-f]{2}/i.test(text)) return text
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  } catch {
    return undefined
  }
}

/** Path of a `file:` URI or of a plain path. */
function localPath(location: string): string {
  const path = location.replace(/^file:(\/\/(localhost)?(?=\/))?/i, '')
  return decode(path) ?? path
}

function isWithin(path: string, home: string): boolean {
  const folder = home.replace(/\/+$/, '')
  return folder.startsWith('/') && (path.replace(/\/+$/, '') === folder || path.startsWith(`${folder}/`))
}

function invalid(source: string, reason: string) {
  return fail('model.source_invalid', { source: source.slice(0, 500), reason })
}
