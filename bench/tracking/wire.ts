/** What the checks read of MLflow's messages. */
export interface WireRun {
  info: { run_id: string }
  data: { metrics?: WireMetric[]; params?: WireEntry[]; tags?: WireEntry[] }
}

export interface WireMetric {
  key: string
  value: number
  timestamp: number
  step: number
}

export interface WireEntry {
  key: string
  value: string
}

export interface Page {
  runs?: WireRun[]
  next_page_token?: string
}

/** @throws Error with the answer if it is not 2xx */
export async function post<Answer>(url: string, path: string, body: object): Promise<Answer> {
  return call(`${url}/api/2.0/mlflow${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/** @throws Error with the answer if it is not 2xx */
export async function get<Answer>(url: string, path: string): Promise<Answer> {
  return call(`${url}/api/2.0/mlflow${path}`, {})
}

export async function createRun(url: string): Promise<string> {
  const { run } = await post<{ run: WireRun }>(url, '/runs/create', {
    experiment_id: '0',
    start_time: Date.now(),
  })
  return run.info.run_id
}

export function createRuns(url: string, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => createRun(url)))
}

async function call<Answer>(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text)
}
