import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@millrace/client'
import { startServer } from '@millrace/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addFolder } from './add-folder.ts'

let dir: string
let server: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-add-'))
  server = await startServer({ dir: join(dir, '.millrace'), port: 0 })
})
afterAll(async () => {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Adds a folder, and is killed when the server has answered for the second batch. */
const killed = `
import { createClient } from '@millrace/client'
import { addFolder } from '${new URL('./add-folder.ts', import.meta.url)}'
const [, url, folder] = process.argv
const client = createClient({ url })
let batches = 0
const blobs = {
  ...client.blobs,
  async putBatch(content) {
    const answer = await client.blobs.putBatch(content)
    console.log(answer.added.bytes)
    if (++batches === 2) process.kill(process.pid, 'SIGKILL')
    return answer
  },
}
await addFolder({ ...client, blobs }, { folder, fileSet: 'killed' })
`

describe('adding a folder', () => {
  it('goes on where it was killed', async () => {
    const folder = join(dir, 'files')
    mkdirSync(folder)
    for (let i = 0; i < 4000; i++) writeFileSync(join(folder, String(i)), `${i}`.padStart(10))
    const child = spawn(process.execPath, ['--input-type=module', '-e', killed, '--', server.url, folder], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    const client = createClient({ url: server.url })
    await expect(client.fileSets.version('killed', 'latest')).rejects.toMatchObject({
      code: 'file_set.not_found',
    })
    // Two batches of 500 and 1,000 files are there, and the third may be.
    const { version, sent } = await addFolder(client, { folder, fileSet: 'killed' })
    expect(sent).toBeLessThanOrEqual(2500 * 10)
    expect(version).toMatchObject({ files: 4000, bytes: 40_000 })
    expect((await addFolder(client, { folder, fileSet: 'killed' })).sent).toBe(0)
  })
})
