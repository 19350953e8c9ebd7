import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTrackingService } from './service.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let bed: Awaited<ReturnType<typeof createTemporaryTracking>>
beforeAll(async () => {
  bed = await createTemporaryTracking()
})
afterAll(() => bed.close())

const code = (wanted: string) => expect.objectContaining({ code: wanted })
const added = (item: number) => (text: string | undefined) =>
  JSON.stringify([...JSON.parse(text ?? '[]'), item])
const numbers = Array.from({ length: 20 }, (_, i) => i)

it('loses nothing that several writers, also of another process, add to a tag of a run at once', async () => {
  const run = await bed.newRun()
  const other = createTrackingService(bed)
  await Promise.all(
    numbers.map((i) => (i % 2 === 0 ? bed.tracking : other).changeRunTag(run, 'list', added(i))),
  )
  const { tags } = await bed.tracking.getRun(run)
  expect(JSON.parse(tags.list ?? '').toSorted((a: number, b: number) => a - b)).toEqual(numbers)
})

it('loses nothing that several writers add to a tag of a logged model at once', async () => {
  const { experimentId } = await bed.tracking.getRunInfo(await bed.newRun())
  const { id } = await bed.tracking.createLoggedModel({ experimentId })
  const other = createTrackingService(bed)
  await Promise.all(
    numbers.map((i) => (i % 2 === 0 ? bed.tracking : other).changeLoggedModelTag(id, 'list', added(i))),
  )
  const { tags } = await bed.tracking.getLoggedModel(id)
  expect(JSON.parse(tags.list ?? '').toSorted((a: number, b: number) => a - b)).toEqual(numbers)
})

it('keeps lists that are longer than other tags, and refuses what is too long', async () => {
  const run = await bed.newRun()
  await bed.tracking.changeRunTag(run, 'list', () => 'x'.repeat(20_000))
  expect((await bed.tracking.getRun(run)).tags.list).toHaveLength(20_000)
  const tooLong = bed.tracking.changeRunTag(run, 'list', (text) => `${text}`.repeat(51))
  await expect(tooLong).rejects.toEqual(code('run.entry_invalid'))
  await expect(bed.tracking.changeRunTag(run, 'a;b', () => '')).rejects.toEqual(code('run.entry_invalid'))
  expect((await bed.tracking.getRun(run)).tags.list).toHaveLength(20_000)
})

it('refuses runs and models that are deleted or do not exist', async () => {
  const run = await bed.newRun()
  await bed.tracking.deleteRun(run)
  await expect(bed.tracking.changeRunTag(run, 'list', added(1))).rejects.toEqual(code('run.deleted'))
  await expect(bed.tracking.changeRunTag('none', 'list', added(1))).rejects.toEqual(code('run.not_found'))
  await expect(bed.tracking.changeLoggedModelTag('m-none', 'list', added(1))).rejects.toEqual(
    code('logged_model.not_found'),
  )
})
