import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from '@millrace/protocol/errors'
import type { ArtifactFolder } from '../store.ts'

/** Where artifacts of a store on this machine may lie. */
export interface LocalArtifactPlaces {
  /** What relative locations are relative to. */
  base: string
  /** The folder that a server of this store keeps proxied artifacts (`mlflow-artifacts:/…`) in. */
  proxied: string
}

/**
 * The folder that an artifact location means on this machine.
 * @returns undefined for a location that is not on it, such as `s3://bucket/…`.
 */
export function localPathOf(uri: string, places: LocalArtifactPlaces): string | undefined {
  if (uri.startsWith('file:')) return localFileUri(uri, places.base)
  const proxied = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/.exec(uri)
  if (proxied) return safeJoin(places.proxied, proxied[1])
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) return undefined
  return isAbsolute(uri) ? uri : resolve(places.base, uri)
}

function localFileUri(uri: string, base: string): string {
  // `file:relative/path` is not a URL of the standard, but older servers have written it.
  if (!uri.startsWith('file:/')) return resolve(base, decodeURIComponent(uri.slice('file:'.length)))
  return fileURLToPath(uri.startsWith('file://') ? uri : uri.replace('file:', 'file://'))
}

function safeJoin(root: string, path: string): string | undefined {
  return path.split('/').includes('..') ? undefined : join(root, path)
}

/**
 * The files below a folder; a folder that does not exist is empty. Links to elsewhere are not followed: they would bring
 * other files of this machine along.
 */
export function localArtifacts(folder: string): ArtifactFolder {
  return {
    async *list() {
      yield* listFiles(folder, '')
    },
    async open(path) {
      return createReadStream(join(folder, path))
    },
  }
}

async function* listFiles(root: string, path: string): AsyncIterable<{ path: string; size: number }> {
  for (const entry of await entriesOf(join(root, path))) {
    const below = path ? `${path}/${entry.name}` : entry.name
    if (entry.isDirectory()) yield* listFiles(root, below)
    else if (entry.isFile()) yield { path: below, size: (await stat(join(root, below))).size }
    else {
      throw fail('mlflow.source_invalid', {
        where: join(root, below),
        reason: 'it is neither a file nor a folder; links are not followed',
      })
    }
  }
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The folder of artifacts that cannot be read from here: every use says so. */
export function unreachableArtifacts(uri: string | null): ArtifactFolder {
  const refuse = () =>
    fail('mlflow.artifacts_unreachable', {
      uri: uri ?? '(none)',
      reason: 'only folders of this machine can be read from a folder or database',
    })
  return {
    // biome-ignore lint/correctness/useYield: it has nothing to give
    async *list() {
      throw refuse()
    },
    async open() {
      throw refuse()
    },
  }
}
