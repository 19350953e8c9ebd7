import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { CompressionType, compressionRegistry, Table, tableToIPC, vectorFromArray } from 'apache-arrow'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCodecs, registerCodecs } from './arrow-codecs.ts'
import { readArrow } from './arrow-rows.ts'

const schema = { a: 'int64', b: 'int64', c: 'int64' } as const
const limit = 30_000
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'arrow-codecs-'))
})
afterAll(() => rm(dir, { recursive: true }))

/** Rows that are read of a file with batches of these numbers of rows, 8 bytes for each of three columns. */
async function readBatches(batches: readonly number[], as: 'file' | 'stream') {
  const parts = batches.flatMap((rows) => {
    const column = vectorFromArray(Array.from({ length: rows }, () => 7n))
    return new Table({ a: column, b: column, c: column }).batches
  })
  const path = join(dir, 'x.arrow')
  await writeFile(path, tableToIPC(new Table(parts), as, CompressionType.ZSTD))
  let rows = 0
  for await (const batch of readArrow({ name: 'visits', schema }, { path, name: 'x.arrow' })) {
    rows += batch.rows.length
  }
  return rows
}

test.each(['file', 'stream'] as const)('the buffers of a batch of a %s share a limit', async (as) => {
  registerCodecs()
  const registered = compressionRegistry.get(CompressionType.ZSTD) ?? {}
  compressionRegistry.set(CompressionType.ZSTD, { ...createCodecs(limit).zstd, encode: zstdCompressSync })
  try {
    // Each column of 1500 rows is far from the limit.
    await expect(readBatches([10, 1500], as)).rejects.toMatchObject({
      code: 'dataset.source_unreadable',
      message: expect.stringContaining(`more than ${limit} bytes unpacked: write it in batches of fewer`),
    })
    expect(await readBatches([1000, 1000, 1000], as)).toBe(3000)
  } finally {
    compressionRegistry.set(CompressionType.ZSTD, registered)
  }
})

test('LZ4 has the limit too, and what is no frame is told from what is too large', () => {
  const { decode } = createCodecs(3).lz4
  /** Two bytes in a block that is not packed. */
  const frame = Uint8Array.from([4, 34, 77, 24, 0x60, 0x70, 0x73, 2, 0, 0, 0x80, 1, 2, 0, 0, 0, 0])
  expect(decode(frame)).toEqual(Uint8Array.from([1, 2]))
  expect(() => decode(frame)).toThrow('more than 3 bytes unpacked')
  expect(() => decode(Uint8Array.of(1, 2, 3, 4, 5))).toThrow('no LZ4 frame')
})
