import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer } from '@millrace/server'
import { endpoint, seed } from './seed.ts'

/** A whole server on a folder of its own, with the forest deployed. Prints `ready <url>`. */
const [folder, onnxPath] = process.argv.slice(2)

const project = await mkdtemp(join(folder, 'project-'))
const dir = join(project, '.millrace')
const deployed = await seed(dir, onnxPath)
const server = await startServer({ dir, port: 0 })
const response = await fetch(`${server.url}/v1/endpoints/${endpoint}/deploy`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(deployed),
})
if (!response.ok) throw new Error(`Cannot deploy: ${await response.text()}`)

process.once('SIGTERM', async () => {
  await server.stop()
  await rm(project, { recursive: true })
})
console.log(`ready ${server.url}/v1/endpoints/${endpoint}/predict`)
