import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { type ContentUses, removalStates } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'

interface UseTables {
  contents: { digest: string; used_at: number; removing: number }
  content_collections: { id: string }
}

interface UsesDeps {
  db: Database
  clock: Clock
  /** How long a deletion that has begun may take, milliseconds; 30 s by default. */
  deletionMs?: number
}

/** A removal takes as long as one object takes to be deleted. */
const pollMs = 20
/** To try the lock may cost a connection. */
const lockMs = 1000

/** Notes uses in the metadata database, where the collector of garbage looks for them. */
export function createDatabaseContentUses({ db, clock, deletionMs = 30_000 }: UsesDeps): ContentUses {
  /** @returns whether it is not being removed */
  async function note(digest: string): Promise<boolean> {
    const used_at = clock.now()
    const { removing } = await db
      .tables<UseTables>()
      .insertInto('contents')
      .values({ digest, used_at, removing: removalStates.none })
      .onConflict((c) => c.column('digest').doUpdateSet({ used_at }))
      .returning('removing')
      .executeTakeFirstOrThrow()
    return removing === removalStates.none
  }

  async function waitForRemoval(digest: string): Promise<void> {
    const began = performance.now()
    for (let tryAt = began; ; await wait(pollMs)) {
      const row = await db
        .tables<UseTables>()
        .selectFrom('contents')
        .select('removing')
        .where('digest', '=', digest)
        .executeTakeFirst()
      if (!row || row.removing === removalStates.none) return
      const now = performance.now()
      if (now < tryAt) continue
      tryAt = now + lockMs
      await takeOver(digest, now - began >= deletionMs ? removalStates.deleting : removalStates.chosen)
    }
  }

  /** Keeps the content if the collector is gone and its removal had come no further than `state`. */
  async function takeOver(digest: string, state: number): Promise<void> {
    const lock = await db.lock('garbage')
    if (!lock) return
    try {
      await db.transaction<UseTables, void>(async (trx) => {
        // It may have lost nothing but its connection, and take the lock again: it must not go on then.
        await trx.deleteFrom('content_collections').execute()
        await trx
          .updateTable('contents')
          .set({ removing: removalStates.none })
          .where('digest', '=', digest)
          .where('removing', '<=', state)
          .execute()
      })
    } finally {
      await lock.release()
    }
  }

  return {
    async use(digest) {
      while (!(await note(digest))) await waitForRemoval(digest)
    },
  }
}
