import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Definition } from '@millrace/protocol'
import { fail, isPlatformError } from '@millrace/protocol/errors'
import { compileProject, hasCode, type Project } from '../definition/project.ts'
import { type Bundle, bundleProject } from './bundle-project.ts'

/** What `apply` sends. */
export interface LoadedProject {
  project: string
  definitions: Definition[]
  /** Null if no definition has code. */
  bundle: string | null
  /** SHA-256 of the bundle, hex. */
  digest: string | null
}

/**
 * Bundles a configuration, runs the bundle and takes its definitions. Relative paths of sources start from the
 * folder of the configuration.
 * @throws `project.not_found`; `project.invalid` if the file cannot be bundled, throws, or does not export a
 * project.
 */
export async function loadProject(configPath: string): Promise<LoadedProject> {
  const bundle = await bundleProject(configPath)
  const root = dirname(resolve(configPath))
  try {
    const project = await evaluate(bundle)
    const { definitions } = compileProject(project, {
      bundle: bundle.digest,
      resolvePath: resolveFrom(root),
    })
    const sent = hasCode(project)
    return {
      project: project.name,
      definitions,
      bundle: sent ? bundle.code : null,
      digest: sent ? bundle.digest : null,
    }
  } catch (error) {
    if (isPlatformError(error)) throw error
    throw fail('project.invalid', { path: configPath, reason: messageOf(error) }, error)
  }
}

/** Runs the bundle itself, not the sources, so that what is compiled is what the server will call. */
async function evaluate({ code, digest }: Bundle): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-'))
  try {
    const file = join(folder, `${digest}.mjs`)
    await writeFile(file, code)
    const { default: project } = (await import(pathToFileURL(file).href)) as { default?: Partial<Project> }
    if (typeof project?.name !== 'string' || !Array.isArray(project.definitions))
      throw new TypeError('its default export must be what project({ name, definitions }) returns')
    return project as Project
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** How relative paths of sources become absolute. */
export function resolveFrom(root: string): (path: string) => string {
  return (path) => (isAbsolute(path) || isUrl(path) ? path : join(root, path))
}

function isUrl(path: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
