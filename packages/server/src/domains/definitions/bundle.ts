import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fail } from '@millrace/protocol'
import { sha256 } from '../../kernel/hash.ts'

/** What a code bundle exports: the lookup of a definition's function by kind and name. */
interface BundleModule {
  findFunction?: (kind: string, name: string) => unknown
}

export type ProjectFunction = (...args: unknown[]) => unknown

/**
 * Loads functions out of content-addressed code bundles. A bundle is one ESM file; it runs in this process with
 * its rights, so only an authenticated `apply` can put one in place.
 */
export function createBundleLoader(options: { dir: string; getBytes(digest: string): Promise<Uint8Array> }) {
  const modules = new Map<string, Promise<BundleModule>>()

  async function load(digest: string): Promise<BundleModule> {
    const path = join(options.dir, `${digest}.mjs`)
    if (!existsSync(path)) {
      const code = await options.getBytes(digest)
      if (sha256(code) !== digest)
        throw fail('definition.invalid', {
          kind: 'bundle',
          name: digest,
          reason: 'its content does not match its digest',
        })
      await mkdir(options.dir, { recursive: true })
      const temporary = `${path}.${process.pid}`
      await writeFile(temporary, code)
      await rename(temporary, path)
    }
    return (await import(pathToFileURL(path).href)) as BundleModule
  }

  return async function loadFunction(
    ref: { bundle: string },
    kind: string,
    name: string,
  ): Promise<ProjectFunction> {
    let loading = modules.get(ref.bundle)
    if (!loading) {
      loading = load(ref.bundle)
      modules.set(ref.bundle, loading)
      loading.catch(() => modules.delete(ref.bundle))
    }
    const found = (await loading).findFunction?.(kind, name)
    if (typeof found !== 'function') {
      throw fail('definition.invalid', {
        kind,
        name,
        reason: `the bundle ${ref.bundle.slice(0, 12)} has no function for it`,
      })
    }
    return found as ProjectFunction
  }
}
