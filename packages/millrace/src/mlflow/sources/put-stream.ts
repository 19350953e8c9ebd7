import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

/**
 * Sends bytes as they come, no faster than the other side takes them: `fetch` would read the body ahead into memory.
 * The answer may come before the body has ended; the rest is not sent then.
 */
export async function putStream(
  url: string,
  headers: Record<string, string>,
  body: AsyncIterable<Uint8Array>,
): Promise<{ status: number; text: string }> {
  const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { method: 'PUT', headers })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve)
    request.on('error', reject)
  })
  const sent = pipeline(body, request)
  // A server that refuses closes the connection: its answer counts, not the broken pipe.
  const [response] = await Promise.all([answered, Promise.race([sent, answered])])
  sent.catch(() => {})
  const answer = { status: response.statusCode ?? 0, text: await text(response) }
  request.destroy()
  return answer
}
