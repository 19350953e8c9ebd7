/** One request. `$name` in its texts is what an earlier step saved under that name. */
export interface Step {
  method: string
  /** With the query, as it is sent: nothing is escaped or made normal. */
  path: string
  headers?: Record<string, string>
  body?: string
  /** Names for values of the answer: `{ run: 'run.info.run_id' }`. */
  save?: Record<string, string>
}

type More = Partial<Step>

const api = '/api/2.0/mlflow'

/** A call whose arguments are in the query; lists become repeated keys. */
export function get(path: string, query: Record<string, unknown> = {}, more: More = {}): Step {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((item) => `${key}=${escaped(String(item))}`),
  )
  return { method: 'GET', path: api + path + (pairs.length === 0 ? '' : `?${pairs.join('&')}`), ...more }
}

/** What a client would escape, except for the `$` of names. */
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll('%24', '$')
}

/** A call whose arguments are a JSON body, also one that is no object. */
export function send(method: string, path: string, body: unknown, more: More = {}): Step {
  return {
    method,
    path: path.startsWith('/api') || path.startsWith('/ajax-api') ? path : api + path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...more,
  }
}

export const post = (path: string, body: unknown, more?: More) => send('POST', path, body, more)
export const patch = (path: string, body: unknown, more?: More) => send('PATCH', path, body, more)
export const del = (path: string, body: unknown, more?: More) => send('DELETE', path, body, more)

/** A call as it is. */
export function raw(method: string, path: string, more: More = {}): Step {
  return { method, path, ...more }
}

/** How a step is called in the recorded answers. */
export function titleOf({ method, path, body }: Step): string {
  const shown = body === undefined ? '' : ` ${body}`
  const title = `${method} ${path.replace(/^\/api\/2\.0\/mlflow/, '…')}${shown}`
  return title.length <= 240 ? title : `${title.slice(0, 200)}…(${title.length})`
}
