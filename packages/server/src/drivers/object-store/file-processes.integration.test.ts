import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startWriter } from '../testing/crash.ts'
import { createFileObjectStore } from './file.ts'

const root = mkdtempSync(join(tmpdir(), 'millrace-objects-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const size = 300_000

/** Puts objects in small pieces and tells the key of each one after its put. */
const writer = `
import { createFileObjectStore } from './file.ts'
const store = createFileObjectStore({ root: process.argv[1] })
async function* body() {
  for (let i = 0; i < 100; i++) yield new Uint8Array(${size / 100}).fill(7)
}
for (let i = 0; ; i++) {
  const key = 'objects/' + String(i).padStart(6, '0')
  await store.put(key, body(), { ifAbsent: i % 2 === 0 })
  console.log(key)
}
`

describe('file object store and a killed writer', () => {
  it('has every acknowledged object, and no part of another one', async () => {
    const child = startWriter(writer, import.meta.url, [root])
    await child.written(25)
    const acknowledged = await child.kill()
    const { objects } = await createFileObjectStore({ root }).list('')
    expect(acknowledged.length).toBeGreaterThanOrEqual(25)
    expect(objects.map((object) => object.key)).toEqual(expect.arrayContaining(acknowledged))
    expect(objects.every((object) => object.size === size && object.key.startsWith('objects/'))).toBe(true)
  })
})
