import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { objectStoreContract } from '../../ports/testing/object-store.contract.ts'
import { createTestBucket, s3Connection } from '../../testing/test-bucket.ts'
import { createS3Store } from './s3.ts'

const connection = s3Connection()
const { client, bucket } = await createTestBucket('objects')
let prefixes = 0

const open = (prefix: string) => createS3Store({ ...connection, bucket, prefix })

objectStoreContract('s3', () => open(`contract/${prefixes++}`))

describe('s3 object store', () => {
  const bytes = new TextEncoder().encode('bytes')

  it('keeps to its prefix', async () => {
    await open('one').put('a', bytes)
    await open('one-more').put('b', bytes)
    expect((await open('one').list('')).objects).toMatchObject([{ key: 'a', size: 5 }])
    expect(await open('').find('one-more/b')).toMatchObject({ key: 'one-more/b', size: 5 })
  })

  it('keeps no parts of an upload whose body failed', async () => {
    async function* broken() {
      for (let part = 0; part < 12; part++) yield new Uint8Array(1024 * 1024)
      throw new Error('source is gone')
    }
    await expect(open('parts').put('large', broken())).rejects.toThrow('source is gone')
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
    expect(uploads.Uploads ?? []).toEqual([])
  })

  it('lets one of several concurrent uploads in parts win', async () => {
    async function* large(fill: number) {
      for (let part = 0; part < 6; part++) yield new Uint8Array(1024 * 1024).fill(fill)
    }
    const store = open('conditional')
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((fill) => store.put('large', large(fill), { ifAbsent: true })),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'object.exists' })
    }
  })

  it('reports a missing bucket and a server that cannot be reached', async () => {
    const elsewhere = createS3Store({ ...connection, bucket: 'no-such-bucket' })
    const unavailable = { code: 'storage.unavailable', retryable: true }
    await expect(elsewhere.put('a', bytes)).rejects.toMatchObject(unavailable)
    await expect(elsewhere.list('')).rejects.toMatchObject(unavailable)
    const nowhere = createS3Store({ ...connection, bucket, endpoint: 'http://127.0.0.1:1' })
    await expect(nowhere.find('a')).rejects.toMatchObject(unavailable)
  })
})
