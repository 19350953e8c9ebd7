import type { Kysely } from 'kysely'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { Database } from '../../ports/database.ts'
import type { DatasetVersionRef } from './dataset-version.ts'
import type { DataTables } from './store.ts'
import { checkVersions } from './version-lookup.ts'

/** How long a hold of a process that has died still counts, milliseconds. */
const holdMs = 10 * 60 * 1000
const renewMs = 60 * 1000

/**
 * Runs the work while nobody can remove the versions.
 * @param holder what the work is, for those who ask
 * @throws `dataset.version_not_found`
 */
export async function withHold<Result>(
  { db, clock }: { db: Database; clock: Clock },
  { versions, holder }: { versions: readonly DatasetVersionRef[]; holder: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const id = newId('hold', clock.now())
  const refs = [...new Map(versions.map((ref) => [`${ref.dataset}@${ref.version}`, ref])).values()]
  // Renewing inserts too: a process that stood still may have lost its hold as expired, with the version still there.
  const hold = () =>
    db.transaction<DataTables, void>(async (trx) => {
      await trx.deleteFrom('dataset_version_holds').where('expires_at', '<', clock.now()).execute()
      await checkVersions(trx, refs)
      const expires_at = clock.now() + holdMs
      for (const { dataset, version } of refs) {
        await trx
          .insertInto('dataset_version_holds')
          .values({ id, dataset, version, holder, expires_at })
          .onConflict((c) => c.columns(['dataset', 'version', 'id']).doUpdateSet({ expires_at }))
          .execute()
      }
    })
  const release = async () => {
    await db.tables<DataTables>().deleteFrom('dataset_version_holds').where('id', '=', id).execute()
  }
  await hold()
  let renewal: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    // One that fails is made up for by the next; what the work gives is checked when it is registered.
    renewal = renewal.then(hold).catch(() => undefined)
  }, renewMs)
  timer.unref()
  try {
    return await work()
  } finally {
    clearInterval(timer)
    // A renewal under way would put back what is deleted.
    await renewal
    // The hold ends by itself in ten minutes, and hours of work, or why they failed, must not be lost for it.
    await release().catch(() => undefined)
  }
}

/** Who is at work on the version. */
export async function listHolders(
  db: Kysely<DataTables>,
  { dataset, version }: DatasetVersionRef,
  now: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('dataset_version_holds')
    .select('holder')
    .distinct()
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .where('expires_at', '>=', now)
    .execute()
  return rows.map(({ holder }) => holder)
}
