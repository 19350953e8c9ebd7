import { isPlatformError } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import { mostUses, type VersionUses } from '../data/index.ts'
import { type FeatureTables, noteDatasets } from './store.ts'
import { getManifest } from './training-set-content.ts'

/** Training sets name the versions that their rows are of; nobody can remove a training set. */
export function createTrainingSetUses({ db, content }: { db: Database; content: ContentStore }): VersionUses {
  /** Training sets from before their datasets were noted. */
  async function noteOlder(): Promise<void> {
    const older = await db
      .tables<FeatureTables>()
      .selectFrom('training_sets')
      .select(['inputs', 'digest'])
      .where('datasets_noted', '=', 0)
      .execute()
    for (const { inputs, digest } of older) {
      const datasets = await datasetsOf(content, digest)
      await db.transaction<FeatureTables, void>(async (trx) => {
        await noteDatasets(trx, { digest, datasets })
        await trx
          .updateTable('training_sets')
          .set({ datasets_noted: 1 })
          .where('inputs', '=', inputs)
          .execute()
      })
    }
  }

  return {
    prepare: noteOlder,
    async find(trx, { dataset, version }) {
      const rows = await (trx as Kysely<FeatureTables>)
        .selectFrom('training_set_datasets as d')
        .innerJoin('training_sets as s', 's.digest', 'd.digest')
        .select(['s.name', 's.digest'])
        .distinct()
        .where('d.dataset', '=', dataset)
        .where('d.version', '=', version)
        .limit(mostUses)
        .execute()
      return rows.map(({ name, digest }) => ({
        kind: 'training-set',
        name: `${name} ${digest.slice(0, 12)}`,
      }))
    },
  }
}

/** None of a set whose content is gone: it would be built again. */
async function datasetsOf(content: ContentStore, digest: string) {
  try {
    return (await getManifest(content, digest)).datasets
  } catch (error) {
    if (isPlatformError(error) && error.code === 'training_set.not_found') return []
    throw error
  }
}
