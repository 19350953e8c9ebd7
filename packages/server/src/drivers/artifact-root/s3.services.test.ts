import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ArtifactRoot } from '../../ports/artifact-root.ts'
import { createTestBucket, s3Connection } from '../../testing/test-bucket.ts'
import { createS3ArtifactRoot } from './s3.ts'

let root: ArtifactRoot
let bucket: string

beforeAll(async () => {
  const made = await createTestBucket('root')
  bucket = made.bucket
  const put = (Key: string, Body: PutObjectCommandInput['Body']) =>
    made.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
  await put('runs/1/a/artifacts/my plot é.svg', '0123456789')
  await put('runs/1/a/artifacts/model/MLmodel', 'flavors')
  await put('runs/1/a/artifacts/model/', new Uint8Array())
  await put('runs/1/a/artifacts/model-2/x', 'x')
  await put('other/secret', 'secret')
  root = createS3ArtifactRoot({ ...s3Connection(), bucket, prefix: 'runs' })
})

async function read(path: string, range?: { start: number; end: number }) {
  const parts: Uint8Array[] = []
  for await (const chunk of await root.get(path, range)) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

describe('s3 artifact root', () => {
  it('shows one level, page by page', async () => {
    expect(root.uri).toBe(`s3://${bucket}/runs`)
    const folder = '1/a/artifacts'
    const paths = (items: { kind: string; path: string }[]) =>
      items.map(({ kind, path }) => `${kind} ${path}`)
    const all = [`folder ${folder}/model`, `folder ${folder}/model-2`, `file ${folder}/my plot é.svg`]
    expect(paths((await root.list(folder)).items)).toEqual(all)
    expect(paths((await root.list(`${folder}/model`)).items)).toEqual([`file ${folder}/model/MLmodel`])
    expect(await root.list('none')).toEqual({ items: [] })
    expect(paths((await root.list('')).items)).toEqual(['folder 1'])
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await root.list(folder, { after, limit: 1 })
      seen.push(...paths(page.items))
      after = page.next
    } while (after !== undefined)
    expect(seen.sort()).toEqual([...all].sort())
  })

  it('reads files and ranges, and says what is missing', async () => {
    const path = '1/a/artifacts/my plot é.svg'
    expect(await root.find(path)).toMatchObject({ path, size: 10 })
    expect(await read(path)).toBe('0123456789')
    expect(await read(path, { start: 2, end: 5 })).toBe('234')
    expect(await read(path, { start: 2, end: 2 })).toBe('')
    expect(await root.find('1/a')).toBeUndefined()
    await expect(root.get('none')).rejects.toMatchObject({ code: 'artifact.not_found' })
    const nowhere = createS3ArtifactRoot({ ...s3Connection(), bucket: 'no-such-bucket', prefix: '' })
    await expect(nowhere.list('')).rejects.toMatchObject({ code: 'storage.unavailable' })
  })
})
