import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import type { ContentUses } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'

interface UseTables {
  contents: { digest: string; used_at: number; removing: number }
}

/** A removal takes as long as one object takes to be deleted. */
const pollMs = 20

/** Notes uses in the metadata database, where the collector of garbage looks for them. */
export function createDatabaseContentUses({ db, clock }: { db: Database; clock: Clock }): ContentUses {
  return {
    async use(digest) {
      for (;;) {
        const used_at = clock.now()
        const { removing } = await db
          .tables<UseTables>()
          .insertInto('contents')
          .values({ digest, used_at, removing: 0 })
          .onConflict((c) => c.column('digest').doUpdateSet({ used_at }))
          .returning('removing')
          .executeTakeFirstOrThrow()
        if (removing === 0) return
        const lock = await db.lock('garbage')
        if (!lock) {
          await wait(pollMs)
          continue
        }
        // Nobody removes it any more: the collector was killed in the middle.
        try {
          const tables = db.tables<UseTables>()
          await tables.updateTable('contents').set({ removing: 0 }).where('digest', '=', digest).execute()
        } finally {
          await lock.release()
        }
      }
    },
  }
}
