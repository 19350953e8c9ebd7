import { sql } from 'kysely'
import { pagesOf } from '../../kernel/pages.ts'
import { type ContentNames, digestsIn } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { PipelineTables } from './store.ts'

const pageSize = 500

/** The code of pipelines, and what their steps gave. */
export function createPipelineContentNames({ db }: { db: Database }): ContentNames {
  const tables = () => db.longReads<PipelineTables>()
  const runs = () =>
    pagesOf<{ id: string; definition: string; params: string }>(pageSize, (after, limit) =>
      tables()
        .selectFrom('pipeline_runs')
        .select(['id', 'definition', 'params'])
        .where('id', '>', after?.id ?? '')
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
  const steps = () =>
    pagesOf<{ run_id: string; node: string; outputs: string | null }>(pageSize, (after, limit) =>
      tables()
        .selectFrom('pipeline_steps')
        .select(['run_id', 'node', 'outputs'])
        .where(sql<boolean>`(run_id, node) > (${after?.run_id ?? ''}, ${after?.node ?? ''})`)
        .orderBy('run_id')
        .orderBy('node')
        .limit(limit)
        .execute(),
    )
  return {
    async *documents() {
      for await (const page of runs()) {
        yield page.flatMap(({ definition, params }) => [...digestsIn(definition), ...digestsIn(params)])
      }
      for await (const page of steps()) yield page.flatMap(({ outputs }) => digestsIn(outputs ?? ''))
    },
  }
}
