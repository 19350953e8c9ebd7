import type { ErrorBody, ErrorCode } from '@millrace/protocol'
import { errorCatalogue, fail, isPlatformError, PlatformError } from '@millrace/protocol/errors'

export interface ClientOptions {
  /** Base of the server, e.g. `http://127.0.0.1:5000`. */
  url: string
  /** Bearer token. */
  token?: string
  /** Default: the global `fetch`. */
  fetch?: typeof fetch
  /** Attempts after the first one. Default: 3. */
  retries?: number
  /** Waits between attempts. Default: a timer. */
  delay?: (ms: number) => Promise<void>
}

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the base, its variable parts encoded (see {@link path}). */
  path: string
  query?: Record<string, unknown>
  body?: unknown
  /** Instead of a body: bytes that are sent as they are. */
  content?: string | Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>
  headers?: Record<string, string>
  /** True if doing it twice is as good as once; only then is a call repeated. Default: true for all but POST. */
  idempotent?: boolean
  signal?: AbortSignal
}

/** Sends calls and gives their JSON. */
export interface Transport {
  /** undefined if the server has nothing to say (204). */
  send<T>(call: Call): Promise<T>
  /** The answer as it is, for streams and files. */
  open(call: Call): Promise<Response>
  delay(ms: number): Promise<void>
}

/** A path with its variable parts encoded. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(value)))
}

const firstDelayMs = 100
const longestDelayMs = 5000

/**
 * Sends requests. Failures to connect and answers that may pass (429, 502, 503, 504, and what the catalogue calls
 * retryable) are tried again, twice as late each time, if the call is idempotent.
 */
export function createTransport(options: ClientOptions): Transport {
  const base = options.url.replace(/\/+$/, '')
  const doFetch = options.fetch ?? globalThis.fetch
  const retries = options.retries ?? 3
  const delay = options.delay ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))

  async function attempt(call: Call): Promise<Response> {
    const url = `${base}${call.path}${queryText(call.query)}`
    const headers: Record<string, string> = { ...call.headers }
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
    if (call.content !== undefined) headers['content-type'] = 'application/octet-stream'
    else if (call.body !== undefined) headers['content-type'] = 'application/json'
    let response: Response
    try {
      response = await doFetch(url, {
        method: call.method,
        headers,
        body: call.content ?? (call.body === undefined ? undefined : JSON.stringify(call.body)),
        signal: call.signal,
        // What fetch demands for streams; the types of browsers do not know it.
        ...(call.content instanceof ReadableStream ? { duplex: 'half' } : {}),
      })
    } catch (error) {
      if (call.signal?.aborted) throw error
      throw fail('client.unreachable', { url: base, reason: reasonOf(error) }, error)
    }
    if (!response.ok) throw await toError(response, url)
    return response
  }

  async function open(call: Call): Promise<Response> {
    const mayRepeat = call.idempotent ?? call.method !== 'POST'
    for (let made = 1; ; made++) {
      try {
        return await attempt(call)
      } catch (error) {
        if (!mayRepeat || made > retries || !mayPass(error)) throw error
        // Jitter keeps callers that failed together from coming back together.
        const full = Math.min(longestDelayMs, firstDelayMs * 2 ** (made - 1))
        await delay(full / 2 + (Math.random() * full) / 2)
      }
    }
  }

  return {
    open,
    delay,
    async send<T>(call: Call): Promise<T> {
      const response = await open(call)
      if (response.status === 204) return undefined as T
      const text = await response.text()
      const value = parseJson(text)
      if (value === undefined) throw unexpected(response, text)
      return value as T
    },
  }
}

function mayPass(error: unknown): boolean {
  return isPlatformError(error) && (error.retryable || [429, 502, 503, 504].includes(httpStatusOf(error)))
}

function httpStatusOf(error: PlatformError): number {
  return typeof error.details.status === 'number' ? error.details.status : error.status
}

async function toError(response: Response, url: string): Promise<PlatformError> {
  const text = await response.text()
  const body = parseJson(text) as Partial<ErrorBody> | undefined
  if (typeof body?.error_code !== 'string') return unexpected(response, text, url)
  if (!(body.error_code in errorCatalogue)) {
    return unexpected(response, `${String(body.error_code)}: ${body.message ?? ''}`, url)
  }
  return errorOf(body)
}

/** An error as the server tells it. */
export function errorOf(body: Partial<ErrorBody>): PlatformError {
  const error = new PlatformError(body.error_code as ErrorCode, body.details ?? {})
  // The server knows best: it may be of another version than this client.
  if (typeof body.message === 'string') error.message = body.message
  return error
}

function unexpected(response: Response, text: string, url = response.url): PlatformError {
  return fail('client.unexpected_response', { url, status: response.status, text: text.slice(0, 200) })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function queryText(query: Call['query']): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) search.set(name, String(value))
  }
  const text = search.toString()
  return text && `?${text}`
}

/** `fetch` says only "fetch failed"; the cause has the reason. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string }
  return cause?.code ?? cause?.message ?? message ?? String(error)
}
