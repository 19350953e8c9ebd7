import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '@millrace/server'
import { openSeeded } from './seed.ts'

/** A whole server on a folder of its own, with values for all keys. Prints `ready <url>`. */
const [folder] = process.argv.slice(2)

const project = await mkdtemp(join(folder, 'project-'))
const dir = join(project, '.millrace')
const seeded = await openSeeded(dir)
await seeded.close()
const server = await startServer({ dir, port: 0 })

process.once('SIGTERM', async () => {
  await server.stop()
  await rm(project, { recursive: true })
})
console.log(`ready ${server.url}/v1/online-features`)
