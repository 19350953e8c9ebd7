import { type ColumnProfile, parseProfile } from '@millrace/stats'
import type { ContentStore } from '../../ports/content-store.ts'
import { manifestOf, type RegistryService, readManifest } from '../registry/index.ts'
import type { Reference } from './window.ts'

const file = 'reference.json'

/** Reads the drift reference of model versions (`model/version`); kept, because a version never changes. */
export function createReferenceReader(deps: {
  registry: Pick<RegistryService, 'resolve'>
  content: ContentStore
}): (modelVersion: string) => Promise<Reference | null> {
  const known = new Map<string, Promise<Reference | null>>()

  async function read(modelVersion: string): Promise<Reference | null> {
    const version = await deps.registry.resolve(modelVersion)
    const manifest = await readManifest(deps.content, manifestOf(version))
    const digest = manifest.files[file]
    if (digest === undefined) return null
    const bytes = await deps.content.getBytes(digest)
    return parseReference(JSON.parse(Buffer.from(bytes).toString('utf8')))
  }

  return (modelVersion) => {
    let reading = known.get(modelVersion)
    if (!reading) {
      reading = read(modelVersion)
      known.set(modelVersion, reading)
      reading.catch(() => known.delete(modelVersion))
    }
    return reading
  }
}

/** @throws TypeError or RangeError from `parseProfile` if a profile is damaged */
function parseReference(stored: { columns: Record<string, unknown>; prediction: unknown }): Reference {
  const columns = Object.entries(stored.columns).map(([name, profile]): [string, ColumnProfile] => [
    name,
    parseProfile(profile),
  ])
  return { columns: Object.fromEntries(columns), prediction: parseProfile(stored.prediction) }
}
