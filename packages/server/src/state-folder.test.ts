import { mkdtemp, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openStateFolder } from './state-folder.ts'

it('makes the folder, or names the one that cannot be used', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'state-'))
  await openStateFolder(join(dir, 'a/b'))
  await openStateFolder(join(dir, 'a/b'))
  expect((await stat(join(dir, 'a/b'))).isDirectory()).toBe(true)

  await writeFile(join(dir, 'file'), '')
  for (const bad of [join(dir, 'file'), join(dir, 'file/inside')]) {
    const reason = { code: 'config.invalid', message: expect.stringContaining(`${bad} cannot be used`) }
    await expect(openStateFolder(bad)).rejects.toMatchObject(reason)
  }
})
