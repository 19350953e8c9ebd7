import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFileObjectStore } from '../drivers/object-store/file.ts'
import { sha256 } from '../kernel/hash.ts'
import { createContentStore } from './content-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'millrace-content-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bytes = new TextEncoder().encode('content')
const digest = sha256(bytes)
const key = `content/${digest.slice(0, 2)}/${digest.slice(2)}`
let folders = 0

function setUp() {
  const base = join(folder, String(folders++))
  const objects = createFileObjectStore({ root: join(base, 'objects') })
  const cacheDir = join(base, 'cache')
  const local = createContentStore(objects, { cacheDir })
  const remote = createContentStore({ ...objects, localPath: undefined }, { cacheDir })
  return { base, objects, cacheDir, local, remote }
}

describe('content store', () => {
  it('keeps equal content once, from memory and from a file', async () => {
    const { base, objects, local } = setUp()
    expect(await local.has(digest)).toBe(false)
    expect(await local.putBytes(bytes)).toEqual({ digest, size: 7 })
    writeFileSync(join(base, 'file'), bytes)
    expect(await local.putFile(join(base, 'file'))).toEqual({ digest, size: 7 })
    expect((await objects.list('')).objects).toMatchObject([{ key, size: 7 }])
    expect(await local.has(digest)).toBe(true)
    expect(Buffer.from(await local.getBytes(digest)).toString()).toBe('content')
  })

  it('takes the same content from several writers at once', async () => {
    const { local } = setUp()
    const infos = await Promise.all([local.putBytes(bytes), local.putBytes(bytes), local.putBytes(bytes)])
    expect(new Set(infos.map((info) => info.digest))).toEqual(new Set([digest]))
  })

  it('opens the file of a local store and a verified copy of a remote one', async () => {
    const { objects, cacheDir, local, remote } = setUp()
    await local.putBytes(bytes)
    expect(await local.openLocal(digest)).toBe(objects.localPath?.(key))
    const [first, second] = await Promise.all([remote.openLocal(digest), remote.openLocal(digest)])
    expect(first).toBe(join(cacheDir, key))
    expect(second).toBe(first)
    expect(readFileSync(first, 'utf8')).toBe('content')
    await objects.delete(key)
    expect(await remote.openLocal(digest)).toBe(first)
  })

  it('detects damaged content and keeps no copy of it', async () => {
    const { objects, cacheDir, remote } = setUp()
    await objects.put(key, new TextEncoder().encode('damaged'))
    const damage = { code: 'content.corrupt', details: { digest, found: sha256('damaged') } }
    await expect(remote.getBytes(digest)).rejects.toMatchObject(damage)
    await expect(remote.openLocal(digest)).rejects.toMatchObject(damage)
    expect(readdirSync(join(cacheDir, 'content', digest.slice(0, 2)))).toEqual([])
  })

  it('says what is not there, also for texts that are no digest', async () => {
    const { local, remote } = setUp()
    for (const missing of [digest, 'abc', '../../etc/passwd', digest.toUpperCase()]) {
      const refusal = { code: 'content.not_found', details: { digest: missing } }
      await expect(local.getBytes(missing)).rejects.toMatchObject(refusal)
      await expect(local.openLocal(missing)).rejects.toMatchObject(refusal)
      await expect(remote.openLocal(missing)).rejects.toMatchObject(refusal)
      expect(await local.has(missing)).toBe(false)
    }
  })
})
