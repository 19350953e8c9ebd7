import { describe, expect, it } from 'vitest'
import { dvcFileText, parseDvcFile } from './dvc-file.ts'

const md5 = '485c8a1b2f6e3d4c5b6a7988a0b1c2d3'
const folder =
  'outs:\n- md5: 485c8a1b2f6e3d4c5b6a7988a0b1c2d3.dir\n  size: 16\n  nfiles: 2\n  hash: md5\n  path: data\n'
const file = 'outs:\n- md5: 485c8a1b2f6e3d4c5b6a7988a0b1c2d3\n  size: 3\n  hash: md5\n  path: a.csv\n'

describe('files of DVC', () => {
  it.each([
    [{ md5: `${md5}.dir`, size: 16, nfiles: 2, path: 'data' }, folder],
    [{ md5, size: 3, path: 'a.csv' }, file],
  ])('are written and read', (content, text) => {
    expect(dvcFileText(content)).toBe(text)
    expect(parseDvcFile('x.dvc', text)).toEqual(content)
  })

  it.each(['123', 'true', "it's", 'ü - ü', '- a', 'a: b', '#1'])('keep the path %s', (path) => {
    expect(parseDvcFile('x.dvc', dvcFileText({ md5, size: 3, path })).path).toBe(path)
  })

  it.each([
    ['a: [', 'it is no YAML'],
    ['', 'exactly one output'],
    ['outs: []', 'exactly one output'],
    [file.replace('  hash: md5\n', ''), 'DVC 2'],
    [file.replace(md5, 'x'), 'no MD5'],
    [file.replace('a.csv', ''), 'no path'],
  ])('are refused when they are %j', (text, reason) => {
    expect(() => parseDvcFile('x.dvc', text)).toThrow(
      expect.objectContaining({ code: 'dvc.file_invalid', message: expect.stringContaining(reason) }),
    )
  })
})
