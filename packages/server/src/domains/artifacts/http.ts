import { Readable } from 'node:stream'
import { fail, isPlatformError } from '@millrace/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { freeBuffer } from '../../kernel/free-buffer.ts'
import type { ByteRange } from './artifact.ts'
import { contentTypeOf } from './content-type.ts'
import { sendBody } from './sending.ts'

/**
 * Hands bodies of every media type to the routes of this plugin as they come, unread and without a limit of size. Call
 * it in a plugin of its own: it holds for all routes in it.
 */
export function acceptStreams(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  // Nothing of these bodies is kept in memory: they need no room in the budget of it.
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, streamsBody: true }
  })
}

/**
 * The body of a request of {@link acceptStreams}; a request without one has no bytes.
 * @throws `artifact.too_large` if more bytes are announced, or come, than `limit`; `request.invalid` when the client breaks off
 */
export function requestBody(request: FastifyRequest, { path, limit }: { path: string; limit: number }) {
  if (Number(request.headers['content-length'] ?? 0) > limit)
    throw fail('artifact.too_large', { path, limit })
  return chunksOf(request, { path, limit })
}

async function* chunksOf(
  { body, raw }: FastifyRequest,
  { path, limit }: { path: string; limit: number },
): AsyncGenerator<Uint8Array> {
  if (!(body instanceof Readable)) return
  let received = 0
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      received += chunk.byteLength
      if (received > limit) throw fail('artifact.too_large', { path, limit })
      yield chunk
      freeBuffer(chunk)
    }
  } catch (error) {
    if (isPlatformError(error)) throw error
    throw fail('request.invalid', { reason: 'the body broke off before its end' }, error)
  } finally {
    // What is refused in the middle is read to its end: a client that is still sending would miss the answer.
    if (!raw.destroyed) body.resume()
  }
}

/** What an answer with a file needs to know of it; a file without a digest has no ETag. */
export interface SentFile {
  path: string
  size: number
  digest?: string
}

export interface FileSource<File extends SentFile> {
  find(): Promise<File>
  open(range?: ByteRange): Promise<{
    artifact: File
    range: { start: number; end: number }
    body: AsyncIterable<Uint8Array>
  }>
}

/**
 * Answers GET and HEAD with a file: 200, 206 for a `Range`, 304 for a known `If-None-Match`, 416 beyond its end. The
 * client saves it; a browser that shows it all the same runs no script of it.
 */
export async function sendFile<File extends SentFile>(
  request: FastifyRequest,
  reply: FastifyReply,
  source: FileSource<File>,
): Promise<FastifyReply> {
  const known = request.headers['if-none-match']
  const range = rangeOf(request)
  if (request.method === 'HEAD' || known !== undefined || range?.ifTag !== undefined) {
    const file = await source.find()
    if (known !== undefined && file.digest !== undefined && known.includes(tagOf(file.digest))) {
      return withHeaders(reply, file).status(304).send()
    }
    if (request.method === 'HEAD') return withHeaders(reply, file).header('content-length', file.size).send()
    if (range?.ifTag !== undefined && range.ifTag !== tagOf(file.digest ?? '')) range.bytes = undefined
  }
  const {
    artifact,
    range: sent,
    body,
  } = await source.open(range?.bytes).catch((error) => {
    // Says how much there is, as the client needs it to ask again.
    if (error?.code === 'artifact.range_invalid')
      reply.header('content-range', `bytes */${error.details.size}`)
    throw error
  })
  withHeaders(reply, artifact)
  if (range?.bytes) {
    reply.status(206).header('content-range', `bytes ${sent.start}-${sent.end - 1}/${artifact.size}`)
  }
  return sendBody(reply, body, sent.end - sent.start)
}

function withHeaders(reply: FastifyReply, { path, digest }: SentFile): FastifyReply {
  if (digest !== undefined) reply.header('etag', tagOf(digest))
  return (
    reply
      .type(contentTypeOf(path))
      .header('accept-ranges', 'bytes')
      .header('content-disposition', attachment(path.slice(path.lastIndexOf('/') + 1)))
      // An artifact is whatever a run wrote: a browser must not run scripts in it.
      .header('content-security-policy', "sandbox; default-src 'none'; style-src 'unsafe-inline'")
      .header('x-content-type-options', 'nosniff')
  )
}

function tagOf(digest: string): string {
  return `"${digest}"`
}

/** RFC 6266: a name in ASCII for old clients, the true one encoded. */
function attachment(name: string): string {
  const plain = name.replace(/[^ !#-~]|["\\%]/g, '_')
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return plain === name
    ? `attachment; filename="${name}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}

/** One range of RFC 9110; several at once or what cannot be read is no range, which the RFC allows. */
function rangeOf({ headers }: FastifyRequest): { bytes?: ByteRange; ifTag?: string } | undefined {
  const [, start, end] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range?.trim() ?? '') ?? []
  if (start === undefined || end === undefined || (start === '' && end === '')) return undefined
  if (start !== '' && end !== '' && Number(end) < Number(start)) return undefined
  const bytes =
    start === ''
      ? { last: Number(end) }
      : { start: Number(start), end: end === '' ? undefined : Number(end) + 1 }
  return { bytes, ifTag: headers['if-range'] as string | undefined }
}
