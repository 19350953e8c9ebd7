import { fail } from '@millrace/protocol/errors'
import { putStream } from './put-stream.ts'

export interface RestOptions {
  /** Base URL of the server. */
  url: string
  /** The header `Authorization`, if the server wants one. */
  authorization?: string
  /** Waits between attempts, in milliseconds. */
  pauses?: readonly number[]
  sleep?(ms: number): Promise<void>
}

export type Query = Record<string, string | number | readonly string[] | undefined>

/** Requests to a server that speaks MLflow's protocol. What fails for a while is tried again. */
export interface RestClient {
  readonly url: string
  /** @throws `mlflow.refused` with the server's reason, `mlflow.unavailable` after the last attempt */
  get(path: string, query?: Query): Promise<Json>
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body: unknown): Promise<Json>
  /** The bytes of the answer. */
  download(path: string, query?: Query): Promise<AsyncIterable<Uint8Array>>
  /** Sends bytes as the body. `open` is called again for each attempt. */
  upload(path: string, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<Json>
}

// biome-ignore lint/suspicious/noExplicitAny: wire messages are read field by field, with a check for each
export type Json = any

const transient = new Set([408, 429, 500, 502, 503, 504])

export function createRestClient(options: RestOptions): RestClient {
  const url = options.url.replace(/\/+$/, '')
  const { pauses = [500, 2000, 8000], sleep = (ms) => new Promise((done) => setTimeout(done, ms)) } = options

  interface Answer {
    status: number
    /** What it says, if it refuses. */
    text(): Promise<string>
    discard(): Promise<unknown>
  }

  /**
   * Sends until there is an answer that another attempt would not make better. Errors that are `isOwn` are the
   * caller's, and thrown as they are.
   */
  async function request<Got extends Answer>(
    method: string,
    path: string,
    once: () => Promise<Got>,
    isOwn: (error: unknown) => boolean = () => false,
  ): Promise<Got> {
    const place = { server: url, method, path: path.split('?')[0] }
    for (let attempt = 0; ; attempt++) {
      const pause = pauses[attempt]
      const answer = await once().catch((error: unknown) => {
        if (isOwn(error)) throw error
        if (pause === undefined)
          throw fail('mlflow.unavailable', { ...place, reason: reasonOf(error) }, error)
      })
      if (answer && answer.status >= 200 && answer.status < 300) return answer
      if (answer && (pause === undefined || !transient.has(answer.status))) {
        throw refusalOf(place, answer.status, await answer.text())
      }
      await answer?.discard()
      await sleep(pause)
    }
  }

  const authorized: Record<string, string> =
    options.authorization === undefined ? {} : { authorization: options.authorization }

  async function call(method: string, path: string, body?: unknown) {
    const headers = { ...authorized, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    const { response } = await request(method, path, async () => {
      const sent = body === undefined ? undefined : JSON.stringify(body)
      const got = await fetch(`${url}${path}`, { method, headers, body: sent })
      return {
        response: got,
        status: got.status,
        text: () => got.text(),
        discard: async () => got.body?.cancel(),
      }
    })
    return response
  }

  const withQuery = (path: string, query: Query = {}) => {
    const search = new URLSearchParams()
    for (const [key, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) search.append(key, String(one))
      }
    }
    return search.size > 0 ? `${path}?${search}` : path
  }

  return {
    url,
    get: async (path, query) => parse(await (await call('GET', withQuery(path, query))).text()),
    send: async (method, path, body) => parse(await (await call(method, path, body)).text()),
    download: async (path, query) => (await call('GET', withQuery(path, query))).body ?? emptyBody(),
    upload: async (path, open) => {
      const headers = { ...authorized, 'content-type': 'application/octet-stream' }
      let failure: unknown
      const answer = await request(
        'PUT',
        path,
        async () => {
          const body = watch(await open(), (error) => {
            failure = error
          })
          const { status, text } = await putStream(`${url}${path}`, headers, body)
          return { status, text: async () => text, discard: async () => {} }
        },
        (error) => failure !== undefined && error === failure,
      )
      return parse(await answer.text())
    },
  }
}

function parse(text: string): Json {
  return text === '' ? {} : JSON.parse(text)
}

/** Tells when the bytes cannot be read, which no other attempt to send them would change. */
async function* watch(
  body: AsyncIterable<Uint8Array>,
  failed: (error: unknown) => void,
): AsyncIterable<Uint8Array> {
  try {
    yield* body
  } catch (error) {
    failed(error)
    throw error
  }
}

async function* emptyBody(): AsyncIterable<Uint8Array> {}

function refusalOf(place: { server: string; method: string; path: string }, status: number, body: string) {
  let reason = body.slice(0, 500).trim()
  let errorCode: string | undefined
  try {
    const parsed = JSON.parse(body) as { message?: unknown; error_code?: unknown }
    if (typeof parsed.message === 'string') reason = parsed.message
    if (typeof parsed.error_code === 'string') errorCode = parsed.error_code
  } catch {
    // A page of HTML or plain text: it is the reason as it stands.
  }
  return fail('mlflow.refused', { ...place, status, reason, errorCode })
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.message) return cause.message
  return error instanceof Error ? error.message : String(error)
}

/** The credentials that MLflow's own client takes from the environment; user and password win over the token. */
export function authorizationFrom(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const {
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password,
    MLFLOW_TRACKING_TOKEN: token,
  } = env
  if (user && password) return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return token ? `Bearer ${token}` : undefined
}
