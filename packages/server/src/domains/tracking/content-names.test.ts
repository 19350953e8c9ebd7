import { expect, it } from 'vitest'
import { sha256 } from '../../kernel/hash.ts'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createRunContentNames } from './content-names.ts'

it('finds what tags of runs name, over the bounds of pages', async () => {
  const stores = await createTemporaryStores([])
  try {
    await stores.db.migrate(migrations)
    const rows = Array.from({ length: 2500 }, (_, i) => [
      `run ${Math.floor(i / 700)}`,
      `millrace.${i % 700}`,
      sha256(`content ${i}`),
    ])
    await stores.db.transaction((trx) =>
      stores.db.insertMany(trx, {
        table: 'run_tags',
        columns: { run_id: 'text', key: 'text', value: 'text' },
        key: ['run_id', 'key'],
        rows,
      }),
    )
    const found: string[] = []
    for await (const page of createRunContentNames(stores).documents?.() ?? []) found.push(...page)
    expect(found.toSorted()).toEqual(rows.map(([, , digest]) => digest).toSorted())
  } finally {
    await stores.close()
  }
})
