/** A body of a put whose own errors can be told from those of the store: only the latter are translated. */
export interface WatchedBody {
  chunks: AsyncIterable<Uint8Array>
  /** Bytes passed on so far. */
  size(): number
  /** Whether the body threw this error. */
  failed(error: unknown): boolean
}

export function watchedBody(body: Uint8Array | AsyncIterable<Uint8Array>): WatchedBody {
  let size = 0
  let failure: { error: unknown } | undefined
  async function* chunks() {
    try {
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        size += chunk.byteLength
        yield chunk
      }
    } catch (error) {
      failure = { error }
      throw error
    }
  }
  return {
    chunks: chunks(),
    size: () => size,
    failed: (error) => failure?.error === error && failure !== undefined,
  }
}
