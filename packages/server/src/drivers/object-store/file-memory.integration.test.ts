import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFileObjectStore } from './file.ts'

const mb = 1024 * 1024
const uploads = 8
const uploadBytes = 24 * mb
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-memory-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('holds a few pieces of each of many objects that arrive at once', async () => {
  const store = createFileObjectStore({ root: folder })
  const chunk = Buffer.alloc(64 * 1024, 7)
  const memory = () => process.memoryUsage().arrayBuffers
  const before = memory()
  let most = before
  async function* body() {
    for (let sent = 0; sent < uploadBytes; sent += chunk.byteLength) {
      most = Math.max(most, memory())
      yield chunk
    }
  }
  await Promise.all(Array.from({ length: uploads }, (_, i) => store.put(`large/${i}`, body())))
  // Two pieces of 2 MB each.
  expect((most - before) / mb).toBeLessThan(uploads * 4 + 8)
  expect((await store.list('large/')).objects.map(({ size }) => size)).toEqual(
    Array(uploads).fill(uploadBytes),
  )
})
