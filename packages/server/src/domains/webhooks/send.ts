import { createHmac } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import {
  type Address,
  type AddressPolicy,
  AddressRefused,
  hostOf,
  type Resolve,
  resolveHost,
} from './address.ts'

export interface Outgoing {
  /** Id of the delivery: the same at every attempt, so that the receiver can drop repetitions. */
  id: string
  url: URL
  body: string
  /** null = not signed. */
  secret: string | null
  /** Milliseconds. */
  now: number
}

/** What came back. */
export type SendResult =
  | { kind: 'answer'; status: number; body: string; retryAfterMs: number | null }
  /** `final` = trying again would not help. */
  | { kind: 'error'; message: string; final: boolean }

export type Send = (outgoing: Outgoing) => Promise<SendResult>

const timeoutMs = 10_000
const keptBody = 16 * 1024

/**
 * Headers of a delivery as MLflow's receivers know them: the signature is
 * `v1,<base64 of HMAC-SHA256 over "<id>.<timestamp>.<body>">`, the timestamp in seconds.
 */
function deliveryHeaders({ id, body, secret, now }: Omit<Outgoing, 'url'>): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000))
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'X-MLflow-Delivery-Id': id,
    'X-MLflow-Timestamp': timestamp,
  }
  if (secret !== null) {
    const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
    headers['X-MLflow-Signature'] = `v1,${signature}`
  }
  return headers
}

/** Sends deliveries over HTTP. The name is resolved once, checked, and what was checked is connected to. */
export function createSend(policy: AddressPolicy, resolve?: Resolve): Send {
  return async (outgoing) => {
    const { url } = outgoing
    try {
      const addresses = await resolveHost(hostOf(url), policy, resolve)
      return await post(outgoing, addresses)
    } catch (error) {
      const message = error instanceof Error ? error.message || String(error) : String(error)
      return { kind: 'error', message, final: error instanceof AddressRefused }
    }
  }
}

function post(outgoing: Outgoing, addresses: readonly Address[]): Promise<SendResult> {
  const { url, body } = outgoing
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { ...deliveryHeaders(outgoing), 'content-length': Buffer.byteLength(body) },
        signal: AbortSignal.timeout(timeoutMs),
        agent: false,
        lookup: (_host, options, done) => {
          if (options.all) done(null, [...addresses])
          else done(null, addresses[0].address, addresses[0].family)
        },
      },
      (response) => readAnswer(response).then(resolve, reject),
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

async function readAnswer(response: IncomingMessage): Promise<SendResult> {
  let text = ''
  response.setEncoding('utf8')
  for await (const part of response) {
    text += part
    // What a receiver says after its first kilobytes interests nobody, and may never end.
    if (text.length >= keptBody) break
  }
  const seconds = Number(response.headers['retry-after'])
  return {
    kind: 'answer',
    status: response.statusCode ?? 0,
    body: text.slice(0, keptBody),
    retryAfterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
  }
}
