import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createPieceWriter, pieceBytes, returnPiece, takePiece } from './file-pieces.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-pieces-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function written(name: string, pieces: readonly Buffer[]) {
  const path = join(folder, name)
  const file = await open(path, 'wx')
  const writer = createPieceWriter(file, path)
  let position = 0
  for (const piece of pieces) {
    await writer.write(piece, position)
    position += piece.byteLength
  }
  await writer.close()
  await file.close()
  return { bytes: readFileSync(path), isCached: writer.isCached() }
}

describe('pieces of a file', () => {
  it('come to the file whole, and the rest after them', async () => {
    const [a, b] = [takePiece().fill(1), takePiece().fill(2)]
    const { bytes } = await written('whole', [a, b, a.subarray(0, 1001)])
    expect(bytes.equals(Buffer.concat([a, b, a.subarray(0, 1001)]))).toBe(true)
  })

  it('go through the cache where the disk does not take them directly', async () => {
    // A direct write needs memory that begins with a page: this is refused wherever direct writes are possible.
    const unaligned = Buffer.alloc(pieceBytes + 1, 3).subarray(1)
    const { bytes, isCached } = await written('cached', [unaligned, unaligned])
    expect(isCached).toBe(true)
    expect(bytes.equals(Buffer.concat([unaligned, unaligned]))).toBe(true)
  })

  it('use their memory again', () => {
    const piece = takePiece()
    returnPiece(piece)
    expect(takePiece()).toBe(piece)
  })
})
