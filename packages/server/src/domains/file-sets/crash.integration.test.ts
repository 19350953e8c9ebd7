import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createFileObjectStore } from '../../drivers/object-store/file.ts'
import { startWriter } from '../../drivers/testing/crash.ts'
import { createManualClock } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/hash.ts'
import { fileSetsMigration } from '../../migrations/0018-file-sets.ts'
import { fileSetTagsMigration } from '../../migrations/0024-file-set-tags.ts'
import { blobCollectionsMigration } from '../../migrations/0028-blob-collections.ts'
import { createBlobStore } from './blobs/blob-store.ts'
import { createFileSetGarbage } from './garbage.ts'
import { createFileSetService } from './service.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-file-sets-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Adds a version of some small files and a large one, again and again, and tells each after it was registered. */
const writer = `
import { createHash } from 'node:crypto'
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createFileObjectStore } from '../../drivers/object-store/file.ts'
import { createBlobStore } from './blobs/blob-store.ts'
import { createFileSetService } from './service.ts'
const [, dir, name] = process.argv
const clock = { now: () => Date.now() }
const db = createSqliteDatabase({ path: dir + '/metadata.db' })
const blobs = createBlobStore({ db, objects: createFileObjectStore({ root: dir + '/objects' }), clock })
const fileSets = createFileSetService({ db, clock, blobs })
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
async function* stream(items) { yield* items }
for (let i = 0; ; i++) {
  const contents = [0, 1, 2].map((file) => Buffer.from(name + i + ' ' + file))
  const large = Buffer.alloc(1_500_000, name + i)
  await blobs.put(contents)
  await blobs.putStream(stream([large]), { digest: sha256(large) })
  const files = [...contents, large].map((bytes, file) => ({ path: String(file), digest: sha256(bytes), size: bytes.length }))
  const { version } = await fileSets.add({ fileSet: name }, stream([files]))
  console.log(name + ' ' + version)
}
`

describe('file sets and killed writers', () => {
  it('have every acknowledged version whole, also after garbage was collected', async () => {
    const clock = createManualClock(Date.now())
    const db = createSqliteDatabase({ path: join(dir, 'metadata.db') })
    await db.migrate([fileSetsMigration, fileSetTagsMigration, blobCollectionsMigration])
    const objects = createFileObjectStore({ root: join(dir, 'objects') })
    const blobs = createBlobStore({ db, objects, clock })
    const fileSets = createFileSetService({ db, clock, blobs })
    const told: string[] = []
    for (let round = 0; round < 2; round++) {
      const writers = ['a', 'b'].map((name) => startWriter(writer, import.meta.url, [dir, name + round]))
      await Promise.all(writers.map((child) => child.written(5)))
      told.push(...(await Promise.all(writers.map((child) => child.kill()))).flat())
    }
    expect(told.length).toBeGreaterThanOrEqual(20)
    clock.set(Date.now() + 3 * 86_400_000)
    const garbage = createFileSetGarbage({ db, objects, clock, blobs })
    await garbage.collect({ dryRun: false })
    expect(await garbage.collect({ dryRun: true })).toEqual({ files: 0, bytes: 0 })
    for (const line of told) {
      const [fileSet, id] = line.split(' ')
      const version = await fileSets.getVersion({ fileSet, version: id })
      const found: number[] = []
      for await (const { digest, size } of fileSets.files(version)) {
        const bytes = await blobs.read(digest)
        expect([sha256(bytes), bytes.length]).toEqual([digest, size])
        found.push(size)
      }
      expect(found).toHaveLength(4)
      expect(found.at(-1)).toBe(1_500_000)
    }
    await db.close()
  })
})
