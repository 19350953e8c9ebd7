import { randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openForReading, type Range, readChunks } from './file-reading.ts'

const mb = 1024 * 1024
const large = 64 * mb
const folder = mkdtempSync(join(tmpdir(), 'millrace-reading-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const path = join(folder, 'file')
const bytes = randomFillSync(Buffer.alloc(5 * mb + 1234))
writeFileSync(path, bytes)

/** `asked`: as openForReading is told, which chooses the way to read. */
async function read(asked: number, range: Range): Promise<Buffer> {
  const opened = await openForReading(path, asked)
  try {
    const chunks: Uint8Array[] = []
    for await (const chunk of readChunks(opened, range)) chunks.push(chunk)
    return Buffer.concat(chunks)
  } finally {
    await opened.file.close()
  }
}

describe.each([
  ['through the cache', 1],
  ['past the cache', large],
])('a file that is read %s', (_, asked) => {
  it.each([
    [0, bytes.length],
    [0, bytes.length + 5000],
    [1, 2],
    [4095, 4097],
    [1, bytes.length - 1],
    [2 * mb, 4 * mb],
    [2 * mb - 1, 2 * mb + 1],
    [4 * mb + 77, bytes.length],
    [bytes.length, bytes.length + 1],
    [3, 3],
  ])('gives the bytes from %d to %d', async (start, end) => {
    expect((await read(asked, { start, end })).equals(bytes.subarray(start, end))).toBe(true)
  })

  it('can be left in the middle', async () => {
    const opened = await openForReading(path, asked)
    for await (const chunk of readChunks(opened, { start: 5, end: bytes.length })) {
      expect(chunk[0]).toBe(bytes[5])
      break
    }
    await opened.file.close()
    expect((await read(asked, { start: 0, end: bytes.length })).equals(bytes)).toBe(true)
  })
})

it('gives chunks that are the reader’s own', async () => {
  const opened = await openForReading(path, large)
  for await (const chunk of readChunks(opened, { start: 0, end: bytes.length })) chunk.fill(0)
  await opened.file.close()
  expect((await read(large, { start: 0, end: bytes.length })).equals(bytes)).toBe(true)
})
