import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { freeBuffer } from '../../kernel/free-buffer.ts'

/**
 * Answers with `size` bytes of a body whose chunks are nobody else's. One chunk is on its way while the next is read, and
 * its memory is given back as soon as the client's connection has taken it: a stream of Node would not tell when.
 * The connection is cut if the body fails or has another size, as the answer has begun; the body is left when the client
 * goes.
 */
export async function sendBody(
  reply: FastifyReply,
  body: AsyncIterable<Uint8Array>,
  size: number,
): Promise<FastifyReply> {
  const { raw } = reply
  reply.hijack()
  reply.header('content-length', size)
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  raw.writeHead(reply.statusCode)
  // A failure of the connection is the end of the answer: nobody is left to be told.
  raw.on('error', () => {})
  try {
    let sent = 0
    for await (const chunk of body) {
      sent += chunk.byteLength
      if (sent > size || !(await isTaken(raw, chunk))) break
      freeBuffer(chunk)
    }
    if (sent !== size && !raw.destroyed) throw new Error(`${sent} bytes of ${size} could be read`)
    raw.end()
  } catch (error) {
    reply.log.error({ err: error, url: reply.request.url }, 'a file could not be sent')
    raw.destroy()
  }
  return reply
}

/** Whether the connection took the bytes; false when it is gone. */
function isTaken(response: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    const onClose = () => resolve(false)
    // What waits behind an earlier answer of the same connection is not called back when that is cut.
    response.once('close', onClose)
    response.write(bytes, (error) => {
      response.off('close', onClose)
      resolve(!error)
    })
  })
}
