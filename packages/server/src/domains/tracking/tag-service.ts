import { fail } from '@millrace/protocol'
import type { TrackingDeps } from './deps.ts'
import { setTags } from './entry-store.ts'
import { changeLoggedModel, findLoggedModel, setModelTags } from './logged-model-store.ts'
import { keyProblem, textProblem } from './names.ts'
import { createQueues } from './queues.ts'
import { writableRunCheck } from './run-batch.ts'
import type { Db, TrackingTables } from './tables.ts'

/** The new text of a tag; it may be asked for more than once and has no effects. */
export type TagChange = (value: string | undefined) => string

export interface TagService {
  /**
   * Changes a tag by what it is, such as a list that several writers add to: none of them is lost. What is changed so
   * may be a megabyte long, more than a tag that is set.
   * @throws `run.not_found`, `run.deleted`, `run.entry_invalid`
   */
  changeRunTag(run: string, key: string, change: TagChange): Promise<void>
  /** The same of a logged model. @throws `logged_model.not_found`, `logged_model.entry_invalid` */
  changeLoggedModelTag(model: string, key: string, change: TagChange): Promise<void>
}

const longest = 1_000_000

export function createTagService({ db, clock }: Pick<TrackingDeps, 'db' | 'clock'>): TagService {
  const requireWritable = writableRunCheck(db)
  // Changes of one tag would only make each other's transactions fail and start again on PostgreSQL.
  const queues = createQueues()

  return {
    changeRunTag: (run, key, change) =>
      queues.run(`run ${run}`, () =>
        db.transaction<TrackingTables, void>(async (trx) => {
          await requireWritable(trx, run)
          const value = change(await readTag(trx, { table: 'run_tags', of: 'run_id', id: run, key }))
          const problem = problemOf(key, value)
          if (problem) throw fail('run.entry_invalid', { run, ...problem })
          await setTags(db, trx, run, new Map([[key, value]]))
        }),
      ),
    changeLoggedModelTag: (model, key, change) =>
      queues.run(`model ${model}`, () =>
        db.transaction<TrackingTables, void>(async (trx) => {
          const found = await findLoggedModel(trx, model)
          if (found?.lifecycleStage !== 'active') throw fail('logged_model.not_found', { model })
          const value = change(
            await readTag(trx, { table: 'logged_model_tags', of: 'model_id', id: model, key }),
          )
          const problem = problemOf(key, value)
          if (problem) throw fail('logged_model.entry_invalid', { model, ...problem })
          await setModelTags(db, trx, model, { [key]: value })
          await changeLoggedModel(trx, model, { updated_at: clock.now() })
        }),
      ),
  }
}

type TagPlace =
  | { table: 'run_tags'; of: 'run_id'; id: string; key: string }
  | { table: 'logged_model_tags'; of: 'model_id'; id: string; key: string }

async function readTag(trx: Db, { table, of, id, key }: TagPlace): Promise<string | undefined> {
  const { ref } = trx.dynamic
  const row = await trx
    .selectFrom(table)
    .select('value')
    .where(ref(of), '=', id)
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.value
}

function problemOf(key: string, value: string): { what: string; reason: string } | undefined {
  const reason = keyProblem(key) ?? textProblem(value, longest)
  return reason === undefined ? undefined : { what: `tag "${key}"`, reason }
}
