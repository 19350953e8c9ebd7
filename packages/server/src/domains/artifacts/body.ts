import { createHash } from 'node:crypto'
import { fail } from '@millrace/protocol'
import { freeBuffer } from '../../kernel/free-buffer.ts'
import type { ArtifactBody } from './artifact.ts'

export interface BodyFacts {
  digest: string
  size: number
}

/**
 * Passes a body on while its digest and size are taken. `atEnd` runs after the last bytes and before the store keeps
 * the object: what it throws makes the store keep nothing.
 * @throws `artifact.too_large`
 */
export async function* measured(
  body: ArtifactBody,
  { path, limit = Number.POSITIVE_INFINITY }: { path: string; limit?: number },
  atEnd: (facts: BodyFacts) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    size += chunk.byteLength
    if (size > limit) throw fail('artifact.too_large', { path, limit })
    hash.update(chunk)
    yield chunk
  }
  await atEnd({ digest: hash.digest('hex'), size })
}

/** Reads a body whose chunks are nobody else's. */
export async function digestOf(body: AsyncIterable<Uint8Array>): Promise<BodyFacts> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of body) {
    hash.update(chunk)
    size += chunk.byteLength
    freeBuffer(chunk)
  }
  return { digest: hash.digest('hex'), size }
}

/**
 * Reads the first bytes, so that what keeps a body from being read is thrown here, before an answer has begun. To leave
 * the result is to leave the body, also before any of it was taken, which a generator would not pass on.
 */
export async function started(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const source = body[Symbol.asyncIterator]()
  let first: IteratorResult<Uint8Array> | undefined = await source.next()
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const result = first ?? (await source.next())
      first = undefined
      return result
    },
    async return() {
      await source.return?.()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
