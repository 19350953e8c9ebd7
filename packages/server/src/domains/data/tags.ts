import { fail } from '@millrace/protocol'
import type { Kysely } from 'kysely'

export interface TagTables {
  dataset_tag_moves: {
    dataset: string
    tag: string
    number: number
    version: string | null
    moved_at: number
  }
}

type Db = Kysely<TagTables>

/** Where a tag is, or was; without a version where it had been taken away. */
export interface TagMove {
  tag: string
  version?: string
  /** Milliseconds. */
  movedAt: number
}

const tagPattern = /^[a-zA-Z][a-zA-Z0-9._-]{0,127}$/

/** @throws `dataset.tag_invalid`, also for what could be taken for a version */
export function checkTag(tag: string): void {
  if (tagPattern.test(tag) && tag !== 'latest' && !/^[0-9a-f]{4,16}$/.test(tag)) return
  throw fail('dataset.tag_invalid', { tag: tag.slice(0, 200) })
}

/** Within a transaction. */
export async function moveTag(
  trx: Db,
  { dataset, tag, version }: { dataset: string; tag: string; version: string | null },
  now: number,
): Promise<void> {
  const last = await trx
    .selectFrom('dataset_tag_moves')
    .select((e) => e.fn.max('number').as('number'))
    .where('dataset', '=', dataset)
    .where('tag', '=', tag)
    .executeTakeFirst()
  await trx
    .insertInto('dataset_tag_moves')
    .values({ dataset, tag, number: (last?.number ?? 0) + 1, version, moved_at: now })
    .execute()
}

/** Where the tags of a dataset are now, by name; with `tag` only that one. */
export async function listTags(db: Db, dataset: string, tag?: string): Promise<Required<TagMove>[]> {
  let query = db
    .selectFrom('dataset_tag_moves as m')
    .selectAll()
    .where('m.dataset', '=', dataset)
    .where('m.version', 'is not', null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('dataset_tag_moves as later')
            .select('later.number')
            .whereRef('later.dataset', '=', 'm.dataset')
            .whereRef('later.tag', '=', 'm.tag')
            .whereRef('later.number', '>', 'm.number'),
        ),
      ),
    )
    .orderBy('m.tag')
  if (tag !== undefined) query = query.where('m.tag', '=', tag)
  const rows = await query.execute()
  return rows.map((row) => ({ tag: row.tag, version: row.version as string, movedAt: row.moved_at }))
}

/** Latest first. */
export async function listTagMoves(
  db: Db,
  { dataset, tag }: { dataset: string; tag: string },
  page: { offset: number; limit: number },
): Promise<TagMove[]> {
  const rows = await db
    .selectFrom('dataset_tag_moves')
    .selectAll()
    .where('dataset', '=', dataset)
    .where('tag', '=', tag)
    .orderBy('number', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map((row) => ({
    tag: row.tag,
    ...(row.version !== null && { version: row.version }),
    movedAt: row.moved_at,
  }))
}
