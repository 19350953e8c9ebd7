import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** A list of an answer that comes in parts; the answer never is in memory whole. */
export type Parts<Item> = AsyncIterable<readonly Item[]>

type Answer = Readonly<Record<string, unknown>>

/** Text is collected up to this length, so that a short answer goes as one piece that says how long it is. */
const pieceLength = 256 * 1024

/**
 * Sends an answer some of whose lists are {@link Parts}: a part is read when the one before it is on its way. What fails
 * before the first piece is full is answered as an error; later the connection is broken off, which no client takes for
 * an answer.
 */
export async function sendStreamed(reply: FastifyReply, answer: object): Promise<FastifyReply> {
  reply.type('application/json')
  const pieces = piecesOf(answer as Answer)
  const first = await pieces.next()
  if (first.done) return reply.send(first.value)
  return reply.send(Readable.from(continued(first.value, pieces), { objectMode: false }))
}

/** The answer with its lists whole, for those who do not send it as JSON. */
export async function gathered(answer: object): Promise<Record<string, unknown>> {
  const whole: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(answer)) {
    if (!isParts(value)) whole[name] = value
    else {
      const items: unknown[] = []
      for await (const part of value) items.push(...part)
      whole[name] = items.length === 0 ? undefined : items
    }
  }
  return whole
}

async function* continued(first: string, pieces: AsyncGenerator<string, string>): AsyncGenerator<string> {
  yield first
  let piece = await pieces.next()
  while (!piece.done) {
    yield piece.value
    piece = await pieces.next()
  }
  yield piece.value
}

/** The answer as JSON, in pieces; the last one is returned. Empty lists are left out, as `undefined` is. */
async function* piecesOf(answer: Answer): AsyncGenerator<string, string> {
  let text = '{'
  let isFirst = true
  const comma = () => {
    const mark = isFirst ? '' : ','
    isFirst = false
    return mark
  }
  for (const [name, value] of Object.entries(answer)) {
    if (value === undefined) continue
    if (!isParts(value)) {
      text += `${comma()}${JSON.stringify(name)}:${JSON.stringify(value)}`
      continue
    }
    let isEmpty = true
    for await (const part of value) {
      for (const item of part) {
        text += isEmpty ? `${comma()}${JSON.stringify(name)}:[` : ','
        text += JSON.stringify(item)
        isEmpty = false
        if (text.length < pieceLength) continue
        yield text
        text = ''
      }
    }
    if (!isEmpty) text += ']'
  }
  return `${text}}`
}

function isParts(value: unknown): value is Parts<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
