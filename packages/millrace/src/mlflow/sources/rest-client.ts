import { fail } from '@millrace/protocol'

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

  async function request(method: string, path: string, init: () => Promise<RequestInit>): Promise<Response> {
    const place = { server: url, method, path: path.split('?')[0] }
    for (let attempt = 0; ; attempt++) {
      const pause = pauses[attempt]
      const response = await fetch(`${url}${path}`, await withHeaders(method, init)).catch(
        (error: unknown) => {
          if (pause === undefined)
            throw fail('mlflow.unavailable', { ...place, reason: reasonOf(error) }, error)
        },
      )
      if (response?.ok) return response
      if (response && (pause === undefined || !transient.has(response.status))) {
        throw refusalOf(place, response.status, await response.text())
      }
      await response?.body?.cancel()
      await sleep(pause)
    }
  }

  async function withHeaders(method: string, init: () => Promise<RequestInit>): Promise<RequestInit> {
    const { headers, ...rest } = await init()
    const authorization = options.authorization === undefined ? {} : { authorization: options.authorization }
    return { method, ...rest, headers: { ...headers, ...authorization } }
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
    get: async (path, query) => readJson(await request('GET', withQuery(path, query), async () => ({}))),
    send: async (method, path, body) => {
      const init = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      return readJson(await request(method, path, async () => init))
    },
    download: async (path, query) => {
      const { body } = await request('GET', withQuery(path, query), async () => ({}))
      return body ?? emptyBody()
    },
    upload: async (path, open) => {
      const headers = { 'content-type': 'application/octet-stream' }
      const init = async () => ({ body: ReadableStream.from(await open()), duplex: 'half', headers })
      return readJson(await request('PUT', path, init as () => Promise<RequestInit>))
    },
  }
}

async function readJson(response: Response): Promise<Json> {
  const text = await response.text()
  return text === '' ? {} : JSON.parse(text)
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
