import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { directoryBytes, parseDirectory } from './directory.ts'

const entries = ['b.txt', '😀', '\uffee', 'ü/日本.txt', 'it\'s "q"', 'a'].map((relpath) => ({
  md5: 'a'.repeat(32),
  relpath,
}))

describe('directory objects of DVC', () => {
  it('are the bytes that Python writes', () => {
    const bytes = directoryBytes(entries)
    // hashlib.md5(json.dumps(sorted(entries, key=lambda e: e["relpath"])).encode()) of Python 3.11
    expect(createHash('md5').update(bytes).digest('hex')).toBe('8eab384589f4f0fe8a2c1c84f62ab997')
    const read = parseDirectory('x.dir', bytes)
    expect(read.map(({ relpath }) => relpath)).toEqual([
      'a',
      'b.txt',
      'it\'s "q"',
      'ü/日本.txt',
      '\uffee',
      '😀',
    ])
    expect(directoryBytes([]).toString()).toBe('[]')
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
