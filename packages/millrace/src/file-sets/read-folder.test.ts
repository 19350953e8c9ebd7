import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compareFilePaths } from '@millrace/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFolder } from './read-folder.ts'
import { scanFolder } from './scan-folder.ts'

const large = 1024 * 1024 + 1

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-read-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, content: string, size?: number): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
  if (size !== undefined) truncateSync(join(folder, path), size)
}

describe('a folder', () => {
  it('is scanned in the order of the manifest', () => {
    const paths = ['a-b', 'a.b/c', 'a/z', 'a/b/c', 'b', 'b-/a', '\uffee', '😀', 'ü/x', 'B']
    for (const path of paths) write(path, path)
    expect([...scanFolder(folder)]).toEqual([...paths].sort(compareFilePaths))
  })

  it('is read in batches that end at large files, too, and grow', async () => {
    const paths = Array.from({ length: 15 }, (_, i) => `${i + 10}`)
    for (const path of paths) write(path, `file ${path}`, Number(path) % 2 === 0 ? undefined : large)
    const lengths: number[] = []
    const read: string[] = []
    for await (const { files, memory, release } of readFolder(folder, paths, { firstFiles: 2 })) {
      lengths.push(files.length)
      for (const { path, digest, size, at } of files) {
        read.push(path)
        expect([size, at === undefined]).toEqual(Number(path) % 2 === 0 ? [7, false] : [large, true])
        if (at === undefined) continue
        expect(memory.toString('utf8', at, at + size)).toBe(`file ${path}`)
        expect(digest).toBe(hash('sha256', `file ${path}`))
      }
      release()
    }
    expect(lengths).toEqual([2, 4, 8, 1])
    expect(read).toEqual(paths)
  })

  it('may have files of any size, and room before them', async () => {
    const sizes = [0, 1, large - 1, large]
    for (const size of sizes) write(String(size), '', size)
    const batches: (number | undefined)[][] = []
    for await (const { files } of readFolder(folder, sizes.map(String), { reserved: 1 })) {
      expect(files.map(({ size }) => size)).toEqual(sizes)
      batches.push(files.map(({ at }) => at))
    }
    expect(batches).toEqual([[8000, 8000, 8001, undefined]])
  })
})
