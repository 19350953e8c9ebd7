import type { FastifyRequest } from 'fastify'

/** The user name of Basic credentials; `''` for others, as tokens name nobody. */
export function userOf({ headers }: FastifyRequest): string {
  const pair = /^basic +(.+)$/i.exec(headers.authorization ?? '')?.[1]
  return pair === undefined ? '' : (Buffer.from(pair, 'base64').toString('utf8').split(':')[0] ?? '')
}

/** What the audit trail says of a change that came this way. */
export function decisionOf(user: string): { by: string; reason: string } {
  return { by: user || 'mlflow', reason: 'through the MLflow API' }
}
