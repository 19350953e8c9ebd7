import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type DvcEntry, directoryBytes, parseDirectory } from './directory.ts'

const paths = ['a', 'b.txt', 'it\'s "q"', 'ü/日本.txt', '\uffee', '😀']
const entries = paths.map((relpath) => ({
  md5: 'a'.repeat(32),
  relpath,
}))

async function bytesOf(...batches: DvcEntry[][]): Promise<Buffer> {
  async function* each() {
    yield* batches
  }
  const chunks: Buffer[] = []
  for await (const chunk of directoryBytes(each())) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('directory objects of DVC', () => {
  it('are the bytes that Python writes', async () => {
    const bytes = await bytesOf(entries)
    // hashlib.md5(json.dumps(sorted(entries, key=lambda e: e["relpath"])).encode()) of Python 3.11
    expect(createHash('md5').update(bytes).digest('hex')).toBe('8eab384589f4f0fe8a2c1c84f62ab997')
    expect(parseDirectory('x.dir', bytes)).toEqual(entries)
    expect(await bytesOf([], entries.slice(0, 2), [], entries.slice(2))).toEqual(bytes)
    expect((await bytesOf([])).toString()).toBe('[]')
  })

  it.each(['', '{}', '[null]', '[{"md5":"x","relpath":"a"}]', `[{"md5":"${'a'.repeat(32)}"}]`])(
    'are refused when they are %j',
    (text) => {
      expect(() => parseDirectory('x.dir', Buffer.from(text))).toThrow(
        expect.objectContaining({ code: 'dvc.object_invalid' }),
      )
    },
  )
})
