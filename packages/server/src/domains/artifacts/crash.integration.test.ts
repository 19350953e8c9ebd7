import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createFileObjectStore } from '../../drivers/object-store/file.ts'
import { startWriter } from '../../drivers/testing/crash.ts'
import { systemClock } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/hash.ts'
import { trackingMigration } from '../../migrations/0004-tracking.ts'
import { artifactsMigration } from '../../migrations/0011-artifacts.ts'
import { createArtifactService } from './service.ts'

const dir = mkdtempSync(join(tmpdir(), 'millrace-artifacts-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const size = 200_000

/** Puts files, each twice with other bytes, and tells path and digest of each after its put. */
const writer = `
import { createSqliteDatabase } from '../../drivers/database/sqlite.ts'
import { createFileObjectStore } from '../../drivers/object-store/file.ts'
import { createArtifactService } from './service.ts'
const [, dir, name] = process.argv
const db = createSqliteDatabase({ path: dir + '/metadata.db' })
const objects = createFileObjectStore({ root: dir + '/objects' })
const artifacts = createArtifactService({ db, objects, clock: { now: () => Date.now() } })
async function* body(fill) {
  for (let i = 0; i < 20; i++) yield new Uint8Array(${size / 20}).fill(fill)
}
for (let i = 0; ; i++) {
  for (const path of [name + '/' + Math.floor(i / 2), 'shared']) {
    const { digest } = await artifacts.put(path, body(i % 256))
    console.log(path + ' ' + digest)
  }
}
`

describe('artifacts and killed writers', () => {
  it('have every acknowledged file whole, with the digest of its bytes', async () => {
    const db = createSqliteDatabase({ path: join(dir, 'metadata.db') })
    await db.migrate([trackingMigration, artifactsMigration])
    const objects = createFileObjectStore({ root: join(dir, 'objects') })
    const artifacts = createArtifactService({ db, objects, clock: systemClock })
    const told = new Map<string, string>()
    for (let round = 0; round < 3; round++) {
      const writers = ['a', 'b'].map((name) => startWriter(writer, import.meta.url, [dir, name]))
      await Promise.all(writers.map((child) => child.written(20)))
      for (const line of (await Promise.all(writers.map((child) => child.kill()))).flat()) {
        const [path, digest] = line.split(' ')
        told.set(path, digest)
      }
    }
    expect(told.size).toBeGreaterThan(10)
    const { items } = await artifacts.listTree('')
    expect(items.map(({ path }) => path)).toEqual(expect.arrayContaining([...told.keys()]))
    for (const { path, digest } of items) {
      const parts: Uint8Array[] = []
      for await (const chunk of (await artifacts.get(path)).body) parts.push(chunk)
      const bytes = Buffer.concat(parts)
      // The list is right as well, also where a writer died between the object and its row.
      expect([path, bytes.length, sha256(bytes)]).toEqual([path, size, digest])
    }
    await db.close()
  })
})
