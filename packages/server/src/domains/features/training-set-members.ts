import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fail, type SplitDefinition } from '@millrace/protocol'
import { canonicalJson } from '../../kernel/hash.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Lake } from '../../ports/lake.ts'
import { columnStatistics } from '../data/index.ts'
import { splitQueries } from './split.ts'
import type { TrainingSetManifest, TrainingSetMember } from './training-set.ts'

interface MemberDeps {
  lake: Lake
  content: ContentStore
  tempDir: string
}

/**
 * Stores the members of a split as training sets of their own, made of the same things as the whole.
 * @param path Parquet file of the whole set
 * @throws `training_set.member_empty`
 */
export async function storeMembers(
  { lake, content, tempDir }: MemberDeps,
  input: {
    whole: TrainingSetManifest
    split: SplitDefinition
    path: string
    id: string
    signal?: AbortSignal
  },
): Promise<TrainingSetMember[]> {
  const { whole, split, path, signal } = input
  const { rows, columns, timestamp } = whole
  const schema = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
  const members: TrainingSetMember[] = []
  for (const { member, sql } of await splitQueries(
    lake,
    split,
    { path, rows, columns, timestamp },
    { signal },
  )) {
    const file = join(tempDir, `${input.id}.${member}.parquet`)
    try {
      const found = await lake.writeParquet(sql, file, { signal })
      if (found === 0) throw fail('training_set.member_empty', { set: whole.name, member, rows })
      const manifest: TrainingSetManifest = {
        ...whole,
        member,
        rows: found,
        statistics: await columnStatistics(lake, { files: [file], schema }, { signal }),
        content: await content.putFile(file),
      }
      const { digest } = await content.putBytes(Buffer.from(canonicalJson(manifest), 'utf8'))
      members.push({ member, digest, rows: found })
    } finally {
      await rm(file, { force: true })
    }
  }
  return members
}
