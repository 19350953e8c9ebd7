import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRegistryImport, createRegistryNoteKeepers } from '../registry/index.ts'
import { createTestRegistry } from '../registry/testing/test-registry.ts'
import { createTrackingImport, createTrackingNoteKeepers, noteTag } from '../tracking/index.ts'
import type { NoteService, NoteSubject } from './note.ts'
import { createNoteService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTestRegistry>>
let notes: NoteService
let number = 0
let experiment: string
let run: string
let model: string
let version: NoteSubject

beforeAll(async () => {
  stores = await createTestRegistry()
  const keepers = { ...createTrackingNoteKeepers(stores), ...createRegistryNoteKeepers(stores) }
  notes = createNoteService({ ...stores, keepers })
})
afterAll(() => stores.close())
beforeEach(async () => {
  const { tracking, registry } = stores
  number++
  experiment = (await tracking.createExperiment({ name: `noted ${number}` })).id
  run = (await tracking.createRun({ experimentId: experiment })).id
  model = `noted-${number}`
  await registry.createModel({ name: model })
  await registry.createVersion({ model, source: 's3://bucket/model' })
  version = { kind: 'model-version', id: `${model}/1` }
})

const subjects = (): NoteSubject[] => [
  { kind: 'experiment', id: experiment },
  { kind: 'run', id: run },
  { kind: 'model', id: model },
  version,
]
const none = { text: '', version: 0, edited: null }

describe('a note', () => {
  it('is written, changed and taken away, and keeps who did it and when', async () => {
    const { clock } = stores
    for (const subject of subjects()) {
      expect(await notes.getNote(subject)).toEqual(none)
      const first = await notes.writeNote(subject, { text: '# one', by: 'ada', expected: 0 })
      expect(first).toEqual({ text: '# one', version: 1, edited: { at: clock.now(), by: 'ada' } })
      clock.advance(5)
      await notes.writeNote(subject, { text: 'two', by: 'bob' })
      clock.advance(5)
      const at = clock.now()
      expect(await notes.writeNote(subject, { text: '', by: 'ada' })).toMatchObject({ text: '', version: 3 })
      expect((await notes.listNoteVersions(subject)).items).toEqual([
        { version: 3, at, by: 'ada', text: '' },
        { version: 2, at: at - 5, by: 'bob', text: 'two' },
        { version: 1, at: at - 10, by: 'ada', text: '# one' },
      ])
      const page = await notes.listNoteVersions(subject, { limit: 1, pageToken: '1' })
      expect(page.items.map(({ text }) => text)).toEqual(['two'])
    }
  })

  it('is not written over unread', async () => {
    for (const subject of subjects()) {
      await notes.writeNote(subject, { text: 'one', by: 'ada' })
      const late = notes.writeNote(subject, { text: 'mine', by: 'bob', expected: 0 })
      await expect(late).rejects.toMatchObject({
        code: 'note.changed',
        details: { version: 1, expected: 0, by: 'ada' },
      })
      expect((await notes.getNote(subject)).text).toBe('one')
    }
  })

  it('is won by one of those who write at once over the same version', async () => {
    for (const subject of subjects()) {
      const writers = ['ada', 'bob', 'cleo', 'dan']
      const written = await Promise.allSettled(
        writers.map((by) => notes.writeNote(subject, { text: by, by, expected: 0 })),
      )
      const [winner, ...more] = written.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(more).toEqual([])
      expect(await notes.getNote(subject)).toEqual(winner)
    }
  })

  it('has no new version where the text stays the same', async () => {
    for (const subject of subjects()) {
      await notes.writeNote(subject, { text: 'one', by: 'ada' })
      expect(await notes.writeNote(subject, { text: 'one', by: 'bob' })).toMatchObject({
        version: 1,
        edited: { by: 'ada' },
      })
    }
  })

  it("is what MLflow's clients write and read", async () => {
    const { tracking, registry } = stores
    const [ofExperiment, ofRun, ofModel] = subjects()
    for (const subject of subjects()) await notes.writeNote(subject, { text: 'native', by: 'ada' })
    expect((await tracking.getExperiment(experiment)).tags[noteTag]).toBe('native')
    expect((await tracking.getRun(run)).tags[noteTag]).toBe('native')
    expect((await registry.getModel(model)).description).toBe('native')
    expect((await registry.getVersion({ model, version: 1 })).description).toBe('native')

    await tracking.setExperimentTags(experiment, { [noteTag]: 'theirs' }, 'mlflow')
    await tracking.logBatch({ run, tags: { [noteTag]: 'theirs', other: 'x' }, by: 'mlflow' })
    await registry.updateModel(model, { description: 'theirs', by: 'mlflow' })
    await registry.updateVersion({ model, version: 1 }, { description: 'theirs', by: 'mlflow' })
    for (const subject of subjects()) {
      expect(await notes.getNote(subject)).toMatchObject({
        text: 'theirs',
        version: 2,
        edited: { by: 'mlflow' },
      })
    }
    await tracking.deleteExperimentTag(experiment, noteTag)
    await tracking.deleteRunTag(run, noteTag)
    expect(await notes.getNote(ofExperiment)).toMatchObject({ text: '', version: 3 })
    expect(await notes.getNote(ofRun)).toMatchObject({ text: '', version: 3 })
    await registry.renameModel(model, `${model}-renamed`)
    expect(await notes.getNote({ ...ofModel, id: `${model}-renamed` })).toMatchObject({ version: 2 })
    expect(await notes.getNote({ ...version, id: `${model}-renamed/1` })).toMatchObject({ version: 2 })
  })

  it('that something was made with is its version 0', async () => {
    const { id } = await stores.tracking.createRun({
      experimentId: experiment,
      tags: { [noteTag]: 'from the start' },
    })
    const subject = { kind: 'run', id } as const
    expect(await notes.getNote(subject)).toEqual({ ...none, text: 'from the start' })
    expect((await notes.listNoteVersions(subject)).items).toEqual([])
    expect(await notes.writeNote(subject, { text: 'later', by: 'ada', expected: 0 })).toMatchObject({
      version: 1,
    })
  })

  it('that an import changes is edited by it', async () => {
    const tracking = createTrackingImport(stores)
    const registry = createRegistryImport(stores)
    const { name } = await stores.tracking.getExperiment(experiment)
    const imported = { name, lifecycleStage: 'active', tags: { [noteTag]: 'from there' } } as const
    await tracking.importExperiment({ ...imported, createdAt: 1, updatedAt: 1 })
    const times = { createdAt: 1, updatedAt: 1, tags: {} }
    await registry.importModel({ name: model, description: 'from there', ...times })
    for (const subject of subjects().filter(({ kind }) => kind === 'experiment' || kind === 'model')) {
      expect(await notes.getNote(subject)).toMatchObject({
        text: 'from there',
        version: 1,
        edited: { by: 'import' },
      })
    }
  })

  it('is refused if it is too long, or about nothing or something deleted', async () => {
    const [ofExperiment, ofRun, ofModel] = subjects()
    const write = (subject: NoteSubject, text: string) => notes.writeNote(subject, { text, by: 'ada' })
    await expect(write(ofExperiment, 'x'.repeat(5001))).rejects.toMatchObject({
      code: 'experiment.entry_invalid',
    })
    await expect(write(ofRun, 'x'.repeat(8001))).rejects.toMatchObject({ code: 'run.entry_invalid' })
    await expect(write(ofModel, 'x'.repeat(65_536))).rejects.toMatchObject({ code: 'model.entry_invalid' })
    await expect(write(version, 'x'.repeat(65_536))).rejects.toMatchObject({ code: 'model.entry_invalid' })
    await expect(write({ kind: 'run', id: 'none' }, 'x')).rejects.toMatchObject({ code: 'run.not_found' })
    await expect(write({ ...version, id: `${model}/2` }, 'x')).rejects.toMatchObject({
      code: 'model.version_not_found',
    })
    await stores.tracking.deleteRun(run)
    await expect(write(ofRun, 'x')).rejects.toMatchObject({ code: 'run.deleted' })
    for (const subject of subjects()) expect(await notes.getNote(subject)).toEqual(none)
  })

  it('does not outlive what it is about', async () => {
    const { registry } = stores
    const [, , ofModel] = subjects()
    for (const subject of [ofModel, version]) await notes.writeNote(subject, { text: 'old', by: 'ada' })
    await registry.deleteModel(model)
    await registry.createModel({ name: model })
    await registry.createVersion({ model, source: 's3://bucket/model' })
    for (const subject of [ofModel, version]) expect(await notes.getNote(subject)).toEqual(none)
  })
})
