import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkFilePath, compareFilePaths } from './file-path.ts'

describe('paths of files', () => {
  it.each(['a', 'a/b.c', '.hidden', 'a/..b', '...', 'ü/日本/😀', "it's a file", 'ab:c', 'a%2e%2e/b'])(
    'takes %s',
    (path) => {
      expect(() => checkFilePath(path)).not.toThrow()
    },
  )

  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    '../a',
    'a/../b',
    'a/.',
    './a',
    'a\\b',
    'C:/a',
    'a\nb',
    '\ud800',
    '.Millrace-incoming/1',
    'x'.repeat(1025),
  ])('refuses %j', (path) => {
    expect(() => checkFilePath(path)).toThrow(expect.objectContaining({ code: 'file_set.path_invalid' }))
  })

  it('are in the order of their bytes', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '/', '-', '\ud7ff', '\ue000', '\uffff', '😀', '😁') })
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Math.sign(compareFilePaths(a, b))).toBe(expected)
      }),
    )
  })
})
