import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFileArtifactRoot } from '../../drivers/artifact-root/file.ts'
import { trackingMigration } from '../../migrations/0004-tracking.ts'
import { artifactsMigration } from '../../migrations/0011-artifacts.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { type ArtifactReader, createArtifactReader } from './reader.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let reader: ArtifactReader
let uri: string
let root: string

beforeAll(async () => {
  stores = await createTemporaryStores([trackingMigration, artifactsMigration])
  root = join(stores.dir, 'ml runs')
  const run = join(root, '1/run/artifacts')
  mkdirSync(join(run, 'model'), { recursive: true })
  writeFileSync(join(run, 'my plot é.svg'), '0123456789')
  writeFileSync(join(run, 'model/MLmodel'), 'flavors')
  writeFileSync(join(stores.dir, 'secret'), 'secret')
  symlinkSync(join(stores.dir, 'secret'), join(run, 'link'))
  symlinkSync(stores.dir, join(run, 'up'))
  symlinkSync(join(run, 'model'), join(run, 'near'))
  reader = createArtifactReader(stores.artifacts, [createFileArtifactRoot({ folder: root })])
  uri = `${pathToFileURL(root).href}/1/run/artifacts`
  await stores.artifacts.put('1/own/artifacts/model/MLmodel', new TextEncoder().encode('own'))
})
afterAll(() => stores.close())

async function read(at: string, path: string, range?: { start: number; end?: number }) {
  const { body } = await reader.get(at, path, { range })
  const parts: Uint8Array[] = []
  for await (const chunk of body) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

describe('artifact reader', () => {
  it('reads what clients wrote beneath a configured root', async () => {
    const { items } = await reader.list(uri, '')
    expect(items.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      'folder model',
      'file my plot é.svg',
      'folder near',
    ])
    expect(await reader.find(uri, 'my plot é.svg')).toMatchObject({ path: 'my plot é.svg', size: 10 })
    expect(await read(uri, 'my plot é.svg', { start: 2, end: 5 })).toBe('234')
    expect(await read(uri, 'model/MLmodel')).toBe('flavors')
    expect((await reader.list(uri, 'model')).items).toMatchObject([{ kind: 'file', path: 'model/MLmodel' }])
    expect(await reader.list(uri, 'none')).toEqual({ items: [], next: undefined })
    expect(await reader.find(uri, 'model')).toBeUndefined()
    await expect(reader.get(uri, 'none')).rejects.toMatchObject({ code: 'artifact.not_found' })
    await expect(reader.get(uri, 'model/MLmodel', { range: { start: 7 } })).rejects.toMatchObject({
      code: 'artifact.range_invalid',
    })
  })

  it('pages', async () => {
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await reader.list(uri, '', { after, limit: 1 })
      seen.push(...page.items.map(({ path }) => path))
      after = page.next
    } while (after !== undefined)
    expect(seen).toEqual(['model', 'my plot é.svg', 'near'])
  })

  it('takes other spellings of the same folder', async () => {
    for (const same of [
      `${root}/1/run/artifacts`,
      `file:${root}/1/run/artifacts/`,
      `file://localhost${root}/1/run/artifacts`,
    ]) {
      expect(await read(same, 'model/MLmodel')).toBe('flavors')
    }
  })

  it('reads its own store by URI', async () => {
    const own = 'mlflow-artifacts:/1/own/artifacts'
    expect(await read(own, 'model/MLmodel')).toBe('own')
    expect((await reader.list(own, '')).items).toEqual([{ kind: 'folder', path: 'model' }])
    expect(await reader.find(own, 'none')).toBeUndefined()
  })

  it('never leaves the roots', async () => {
    for (const path of ['link', 'up/secret', 'up/ml runs/1/run/artifacts/link']) {
      expect(await reader.find(uri, path)).toBeUndefined()
      await expect(reader.get(uri, path)).rejects.toMatchObject({ code: 'artifact.not_found' })
    }
    expect((await reader.list(uri, 'up')).items).toEqual([])
    for (const path of ['../../../../secret', '%2e%2e/x', '/etc/passwd']) {
      await expect(reader.get(uri, path)).rejects.toMatchObject({ code: 'artifact.path_invalid' })
    }
    const outside = [
      pathToFileURL(stores.dir).href,
      `${pathToFileURL(root).href}-other/1`,
      `${pathToFileURL(root).href}/../secret`,
      `file:${root}/%2e%2e/x`,
      `${root}/1/../../x`,
      'file://host/x',
      's3://bucket/x',
      'mlflow-artifacts://host/1/x',
      'mlflow-artifacts:/../x',
      '',
    ]
    for (const at of outside) {
      await expect(reader.list(at, ''), at).rejects.toMatchObject({
        code: expect.stringMatching(/^artifact\.(not_readable|path_invalid)$/),
      })
    }
    await expect(createArtifactReader(stores.artifacts, []).list(uri, '')).rejects.toMatchObject({
      code: 'artifact.not_readable',
    })
  })
})
