import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTempFolder } from './temp-folder.ts'

let root: string
beforeAll(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'millrace-temp-')), 'tmp')
})
afterAll(() => rm(join(root, '..'), { recursive: true }))

test('a folder is removed with its owner, or when the next one starts, but never while it is owned', async () => {
  const one = await openTempFolder(root)
  await writeFile(join(one.path, 'rows'), '1')
  // What a process leaves that was killed.
  await mkdir(join(root, 'tmp_left'))
  await writeFile(join(root, 'tmp_left', 'rows'), '1')
  await writeFile(join(root, 'tmp_left.lock'), '')
  await writeFile(join(root, 'other'), '1')
  const two = await openTempFolder(root)
  expect(await readdir(one.path)).toEqual(['rows'])
  expect((await readdir(root)).filter((name) => !name.includes('.lock')).length).toBe(3)
  expect(await readdir(root)).not.toContain('tmp_left')
  await one.close()
  await two.close()
  expect(await readdir(root)).toEqual(['other'])
})
