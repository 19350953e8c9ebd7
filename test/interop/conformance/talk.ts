import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { Normalizer } from './normalize.ts'
import { type Step, titleOf } from './step.ts'

export interface Answer {
  status: number
  /** Of an error: its code and how its message begins. */
  code?: string
  message?: string
  /** Any other JSON. */
  json?: unknown
  /** Anything else, with the headers that say how it is to be shown. */
  text?: string
  headers?: Record<string, string>
}

/** By the title of the step. */
export type Answers = Record<string, Answer>

/** Sends the steps one after the other; answers by title, with ids and times normalized. */
export async function talk(
  url: string,
  groups: Record<string, readonly Step[]>,
): Promise<Record<string, Answers>> {
  const normalizer = new Normalizer()
  const all: Record<string, Answers> = {}
  for (const [group, steps] of Object.entries(groups)) {
    const answers: Answers = {}
    for (const step of steps) {
      let title = titleOf(step)
      for (let again = 2; title in answers; again += 1) title = `${titleOf(step)} #${again}`
      answers[title] = await answerOf(url, step, normalizer)
      await nextMillisecond()
    }
    all[group] = answers
  }
  return all
}

/** So that no two things are made at the same time: their order would be chance. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now()
  while (Date.now() === now) await setImmediate()
}

async function answerOf(url: string, step: Step, normalizer: Normalizer): Promise<Answer> {
  const { status, headers, body } = await exchange(url, step, normalizer)
  const type = headers['content-type'] ?? ''
  const parsed = parse(body)
  if (parsed === undefined || type.startsWith('text/plain')) {
    // Pages of errors for people are not part of the protocol.
    if (status >= 400 && type.startsWith('text/html')) return { status }
    const told = ['content-type', 'content-disposition', 'x-content-type-options']
    const kept = Object.fromEntries(told.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])))
    return { status, text: normalizer.text(body), ...(body === '' ? {} : { headers: kept }) }
  }
  for (const [name, path] of Object.entries(step.save ?? {})) {
    const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], parsed)
    if (typeof value === 'string') normalizer.save(name, value)
  }
  const json = normalizer.json(parsed)
  if (status >= 400 && typeof json === 'object' && json !== null && 'error_code' in json) {
    const { error_code, message } = json as { error_code: string; message?: string }
    return { status, code: error_code, message: String(message).slice(0, 60) }
  }
  return { status, json }
}

async function exchange(url: string, { method, path, headers, body }: Step, { fill }: Normalizer) {
  const { hostname, port } = new URL(url)
  const filled = fill(path, encodeURIComponent)
  const sent = body === undefined ? undefined : Buffer.from(fill(body))
  const more = sent === undefined ? {} : { 'content-length': String(sent.length) }
  const outgoing = request({ hostname, port, method, path: filled, headers: { ...headers, ...more } })
  outgoing.end(sent)
  const [incoming] = await once(outgoing, 'response')
  return {
    status: incoming.statusCode as number,
    headers: incoming.headers as Record<string, string | undefined>,
    body: await text(incoming),
  }
}

/** MLflow has answers with a bare NaN, which is no JSON. */
function parse(body: string): unknown {
  try {
    return JSON.parse(body.replace(/: NaN\b/g, ': "NaN"'))
  } catch {
    return undefined
  }
}
