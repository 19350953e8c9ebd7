import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { NoteKeeper } from '../notes/index.ts'
import { checkBatch } from './entry.ts'
import { removeTag, setTags } from './entry-store.ts'
import { checkExperiment } from './experiment.ts'
import { removeExperimentTag, updateExperiment } from './experiment-store.ts'
import { experimentWriter, requireActiveExperiment, requireExperiment } from './experiment-writer.ts'
import {
  noteTag,
  readExperimentNote,
  readRunNote,
  recordExperimentNote,
  recordRunNote,
} from './note-history.ts'
import { writableRunCheck } from './run-batch.ts'
import { requireRun } from './run-service.ts'
import type { Db } from './tables.ts'

/** The notes of runs (up to 8000 characters) and experiments (up to 5000) are their tags. */
export function createTrackingNoteKeepers(deps: {
  db: Database
  clock: Clock
}): Record<'run' | 'experiment', NoteKeeper> {
  const { db, clock } = deps
  const requireWritable = writableRunCheck(db)
  const { setTags: setExperimentTags } = experimentWriter(deps)
  return {
    run: {
      async read(from, id) {
        const tables: Db = from
        await requireRun(tables, id)
        return readRunNote(tables, id)
      },
      async write(from, id, { text, by }) {
        const trx: Db = from
        const { tags } = checkBatch({ run: id, tags: { [noteTag]: text } })
        await requireWritable(trx, id)
        await recordRunNote(trx, id, text, { at: clock.now(), by })
        if (text === '') await removeTag(trx, id, noteTag)
        else await setTags(db, trx, id, tags)
      },
    },
    experiment: {
      async read(from, id) {
        const tables: Db = from
        await requireExperiment(tables, id)
        return readExperimentNote(tables, id)
      },
      async write(from, id, { text, by }) {
        const trx: Db = from
        checkExperiment({ tags: { [noteTag]: text } })
        await requireActiveExperiment(trx, id)
        const at = clock.now()
        await recordExperimentNote(trx, id, text, { at, by })
        if (text === '') await removeExperimentTag(trx, id, noteTag)
        else await setExperimentTags(trx, id, { [noteTag]: text })
        await updateExperiment(trx, id, { updated_at: at })
      },
    },
  }
}
