import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { RegistryLinks } from './links.ts'

export interface RegistryDeps {
  db: Database
  stream: EventStream
  clock: Clock
  /** Absent = a registry that stands alone. */
  links?: RegistryLinks
}

/** What the parts of the registry share. */
export interface RegistryContext {
  db: Database
  clock: Clock
  links: RegistryLinks
  audit(type: string, data: Record<string, unknown>): Promise<void>
  /** Lets go of the files of versions that are no more. */
  unseal(seals: readonly { seal: string; storageLocation: string }[]): Promise<void>
}

export function createRegistryContext(deps: RegistryDeps & { links: RegistryLinks }): RegistryContext {
  const { db, stream, clock, links } = deps
  return {
    db,
    clock,
    links,
    audit: (type, data) => stream.append('audit', [{ type, at: clock.now(), data }]),
    async unseal(seals) {
      for (const { seal, storageLocation } of seals) {
        await (await links.openFolder(storageLocation))?.unseal(seal)
      }
    },
  }
}
