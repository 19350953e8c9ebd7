import { afterAll, beforeAll, expect, test } from 'vitest'
import { createContentNames } from './content-names.ts'
import { createDatasetUses } from './dataset-uses.ts'
import { createDatasetRetention } from './domains/data/index.ts'
import type { FeatureTables } from './domains/features/index.ts'
import { createContentGarbage } from './domains/garbage/index.ts'
import { contentGraceMs } from './ports/content-store.ts'
import { createTemporaryTraining } from './testing/temporary-training.ts'

let bed: Awaited<ReturnType<typeof createTemporaryTraining>>
let model: Awaited<ReturnType<typeof bed.train>>
beforeAll(async () => {
  bed = await createTemporaryTraining()
  const [trainingData, later] = [
    await bed.build('late_flights', 1, 30),
    await bed.build('late_flights', 30, 40),
  ]
  model = await bed.train({ data: trainingData })
  const { evaluation, passed, reason } = await bed.evaluate({ model, data: later })
  await bed.register({ model, evaluation, passed, reason })
})
afterAll(() => bed.close())

function garbage(names = createContentNames(bed)) {
  const clock = { now: () => Date.now() + 2 * contentGraceMs }
  return createContentGarbage({ ...bed, clock, names })
}
const count = (names?: Parameters<typeof garbage>[0]) =>
  garbage(names).collect({ dryRun: true, check: () => undefined })

test('all that training puts is named, over several records', async () => {
  expect(await count()).toEqual({ files: 0, bytes: 0 })
  const all = (await bed.objects.list('content/')).objects.length
  expect(all).toBeGreaterThan(5)
  expect(await count([])).toMatchObject({ files: all })
})

test('a version stays as long as training sets, runs and versions of models name it', async () => {
  const retention = createDatasetRetention({ ...bed, uses: createDatasetUses(bed) })
  const kinds = async () => [...new Set((await retention.listUses(bed.version)).map(({ kind }) => kind))]
  const named = ['latest', 'training-set', 'run', 'model-version']
  expect(await kinds()).toEqual(named)
  // As an older version has left it: what a set was made from is in its manifest only.
  const tables = bed.db.tables<FeatureTables>()
  await tables.deleteFrom('training_set_datasets').execute()
  await tables.updateTable('training_sets').set({ datasets_noted: 0 }).execute()
  expect(await kinds()).toEqual(named)
  await expect(retention.remove(bed.version)).rejects.toMatchObject({ code: 'dataset.version_named' })
})
