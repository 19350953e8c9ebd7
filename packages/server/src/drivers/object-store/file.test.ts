import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { objectStoreContract } from '../../ports/testing/object-store.contract.ts'
import { createFileObjectStore } from './file.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-objects-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let roots = 0
const newRoot = () => join(folder, `root${roots++}`, 'nested')
const bytes = new TextEncoder().encode('bytes')

objectStoreContract('file', () => createFileObjectStore({ root: newRoot() }))

describe('file object store', () => {
  it('keeps objects as plain files at their local path', async () => {
    const root = newRoot()
    const store = createFileObjectStore({ root })
    await store.put('a/b.txt', bytes)
    expect(store.localPath?.('a/b.txt')).toBe(join(root, 'a', 'b.txt'))
    expect(readFileSync(join(root, 'a', 'b.txt'), 'utf8')).toBe('bytes')
  })

  it('refuses an object beneath or above another one', async () => {
    const store = createFileObjectStore({ root: newRoot() })
    await store.put('a/b', bytes)
    const refusal = { code: 'object.invalid_key' }
    await expect(store.put('a', bytes)).rejects.toMatchObject(refusal)
    await expect(store.put('a', bytes, { ifAbsent: true })).rejects.toMatchObject(refusal)
    await expect(store.put('a/b/c', bytes)).rejects.toMatchObject(refusal)
    expect((await store.list('')).objects).toMatchObject([{ key: 'a/b', size: 5 }])
  })

  it('never follows a symbolic link out of the store', async () => {
    const root = newRoot()
    const outside = newRoot()
    mkdirSync(outside, { recursive: true })
    mkdirSync(root, { recursive: true })
    writeFileSync(join(outside, 'secret'), 'secret')
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync(join(outside, 'secret'), join(root, 'file'))
    const store = createFileObjectStore({ root })
    const refusal = { code: 'object.invalid_key' }
    await expect(store.get('folder/secret')).rejects.toMatchObject(refusal)
    await expect(store.get('file')).rejects.toMatchObject(refusal)
    await expect(store.put('folder/new', bytes)).rejects.toMatchObject(refusal)
    await expect(store.put('folder/deep/new', bytes)).rejects.toMatchObject(refusal)
    await expect(store.delete('folder/secret')).rejects.toMatchObject(refusal)
    expect(() => store.localPath?.('folder/secret')).toThrow(expect.objectContaining(refusal))
    expect((await store.list('')).objects).toEqual([])
    expect(readdirSync(outside)).toEqual(['secret'])
  })

  it('may itself lie behind a symbolic link', async () => {
    const root = newRoot()
    mkdirSync(root, { recursive: true })
    symlinkSync(root, `${root}-link`)
    const store = createFileObjectStore({ root: `${root}-link` })
    await store.put('a/b', bytes)
    expect(await store.find('a/b')).toMatchObject({ key: 'a/b', size: 5 })
  })

  it('removes what was left unfinished long ago, and only that', async () => {
    const root = newRoot()
    const incoming = join(root, '~incoming')
    mkdirSync(incoming, { recursive: true })
    writeFileSync(join(incoming, 'old'), 'half')
    writeFileSync(join(incoming, 'recent'), 'half')
    utimesSync(join(incoming, 'old'), 1, 1)
    await createFileObjectStore({ root }).put('a', bytes)
    expect(readdirSync(incoming)).toEqual(['recent'])
  })
})
