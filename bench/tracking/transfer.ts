import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { pipeline } from 'node:stream/promises'

/** Sends a file (PUT) or takes one in (GET) and prints the milliseconds that it took, for a process of its own. */
const [method, url, path] = process.argv.slice(2)
const chunkBytes = 1 << 20

async function upload(): Promise<number> {
  const { size } = await stat(path)
  const begin = performance.now()
  const sending = request(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': size },
  })
  const answered = received(sending)
  await pipeline(createReadStream(path, { highWaterMark: chunkBytes }), sending)
  await answered
  return performance.now() - begin
}

async function download(): Promise<number> {
  const begin = performance.now()
  const asking = request(url)
  asking.end()
  const bytes = await received(asking)
  const took = performance.now() - begin
  const { size } = await stat(path)
  if (bytes !== size) throw new Error(`${url} has ${bytes} bytes instead of ${size}`)
  return took
}

/** Bytes of the answer, once it is whole. */
function received(sent: ReturnType<typeof request>): Promise<number> {
  return new Promise((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.once('error', reject)
      response.once('end', () => {
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) resolve(bytes)
        else reject(new Error(`${url} answers ${status}`))
      })
    })
  })
}

console.log(method === 'PUT' ? await upload() : await download())
