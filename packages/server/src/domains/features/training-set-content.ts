import { fail } from '@millrace/protocol'
import type { ContentStore } from '../../ports/content-store.ts'
import type { TrainingSetManifest } from './training-set.ts'

/** @throws `training_set.not_found` if there is no such content or it is something else */
export async function getManifest(content: ContentStore, digest: string): Promise<TrainingSetManifest> {
  if (!/^[a-f0-9]{64}$/.test(digest) || !(await content.has(digest))) {
    throw fail('training_set.not_found', { digest })
  }
  const manifest = parse(await content.getBytes(digest))
  if (manifest?.kind !== 'training-set') throw fail('training_set.not_found', { digest })
  return manifest
}

function parse(bytes: Uint8Array): TrainingSetManifest | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as TrainingSetManifest
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
