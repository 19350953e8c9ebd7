import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

const defaultInactivityMs = 300_000

/**
 * As the global `fetch`, but bytes are sent from where they lie: `fetch` copies them twice, which takes as long as reading
 * them from the disk. A request is given up when no byte came or went for `inactivityMs` milliseconds.
 */
export function createHttpFetch({ inactivityMs = defaultInactivityMs } = {}): typeof fetch {
  return (input, init) => {
    const body = init?.body
    if (!(body instanceof Uint8Array) || input instanceof Request) return fetch(input, init)
    const url = new URL(input)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const signal = init?.signal ?? undefined
    return new Promise((resolve, reject) => {
      const giveUp = (error: unknown) => reject(signal?.aborted ? signal.reason : error)
      const headers = { ...Object.fromEntries(new Headers(init?.headers)), 'content-length': body.byteLength }
      const options = { method: init?.method, headers, signal, timeout: inactivityMs }
      const request = send(url, options, async (response) => {
        try {
          const chunks: Buffer[] = []
          for await (const chunk of response) chunks.push(chunk as Buffer)
          const { statusCode: status = 0 } = response
          // To follow these is left to those who know how.
          if (status >= 300 && status < 400) resolve(fetch(input, init))
          else resolve(new Response(status === 204 ? null : Buffer.concat(chunks), { status }))
        } catch (error) {
          giveUp(error)
        }
      })
      request.on('timeout', () => {
        const error = new Error(`no byte came or went for ${inactivityMs / 1000} s`)
        // First: when an answer has begun, its end would be told as a reset connection.
        reject(error)
        request.destroy(error)
      })
      request.on('error', giveUp)
      request.end(body)
    })
  }
}
