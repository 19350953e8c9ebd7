import { recordEdit } from '../notes/index.ts'
import { listExperimentTags } from './experiment-store.ts'
import type { Db } from './tables.ts'

/** The tag that is the note of an experiment or a run, as MLflow's clients know it. */
export const noteTag = 'mlflow.note.content'

/** Who changes a note, and when (milliseconds). */
interface Editor {
  at: number
  by: string
}

/** Called before the note of a run becomes `to`, in the same transaction; '' = it goes. */
export async function recordRunNote(trx: Db, run: string, to: string, editor: Editor): Promise<void> {
  await recordEdit(trx, { kind: 'run', id: run }, { from: await readRunNote(trx, run), to, ...editor })
}

/** Called before the note of an experiment becomes `to`, in the same transaction; '' = it goes. */
export async function recordExperimentNote(trx: Db, id: string, to: string, editor: Editor): Promise<void> {
  await recordEdit(
    trx,
    { kind: 'experiment', id },
    { from: await readExperimentNote(trx, id), to, ...editor },
  )
}

export async function readRunNote(db: Db, run: string): Promise<string> {
  const row = await db
    .selectFrom('run_tags')
    .select('value')
    .where('run_id', '=', run)
    .where('key', '=', noteTag)
    .executeTakeFirst()
  return row?.value ?? ''
}

export async function readExperimentNote(db: Db, id: string): Promise<string> {
  return (await listExperimentTags(db, [id])).get(id)?.[noteTag] ?? ''
}
