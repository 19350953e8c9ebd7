import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type { SecretBox } from './secret-box.ts'
import type { Send, SendResult } from './send.ts'
import { findWebhookRow, forgetEnded, listDue, updateDelivery } from './store.ts'
import type { DeliveryRow, WebhookTables } from './tables.ts'

/** Makes the deliveries that are due. */
export interface WebhookDeliverer {
  /** Makes those that are due now; resolves when each was answered or put off. */
  deliverDue(): Promise<void>
  /** Looks for due ones from time to time. */
  start(): void
  /** Waits for those under way. */
  stop(): Promise<void>
}

export interface DelivererDeps {
  db: Database
  clock: Clock
  logger: Pick<Logger, 'warn'>
  box: SecretBox
  send: Send
}

const pollMs = 1000
const concurrency = 8
const firstDelayMs = 5000
const longestDelayMs = 3_600_000
const mostAttempts = 12
const keptMs = 7 * 86_400_000

/**
 * One at a time per server; what was under way when a process ended is delivered again by the next one, under the
 * same id. After 429, 5xx and errors of the network a delivery is tried again, twice as late each time (5 s to an hour,
 * or what the receiver asks for), twelve times in all; every other answer but 2xx is final.
 */
export function createWebhookDeliverer({ db, clock, logger, box, send }: DelivererDeps): WebhookDeliverer {
  const tables = () => db.tables<WebhookTables>()
  const underWay = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function attempt(row: DeliveryRow): Promise<SendResult> {
    const webhook = await findWebhookRow(tables(), row.webhook)
    if (!webhook) return { kind: 'error', message: 'the webhook was deleted', final: true }
    if (webhook.status !== 'ACTIVE') return { kind: 'error', message: 'the webhook is disabled', final: true }
    let secret: string | null
    try {
      secret = webhook.secret === null ? null : box.open(webhook.secret, webhook.id)
    } catch {
      return {
        kind: 'error',
        message: 'its secret was kept with another encryption key: give the webhook its secret again',
        final: false,
      }
    }
    return send({ id: row.id, url: new URL(webhook.url), body: row.body, secret, now: clock.now() })
  }

  async function deliver(row: DeliveryRow): Promise<void> {
    const result = await attempt(row)
    const attempts = row.attempts + 1
    const now = clock.now()
    const failure = failureOf(result)
    const responseStatus = result.kind === 'answer' ? result.status : null
    const ended = (state: 'DELIVERED' | 'FAILED') => ({ state, next_at: row.next_at, ended_at: now })
    const next =
      failure === undefined
        ? ended('DELIVERED')
        : failure.final || attempts >= mostAttempts
          ? ended('FAILED')
          : { state: 'PENDING', next_at: now + delayOf(attempts, result), ended_at: null }
    if (next.state === 'FAILED') {
      logger.warn(
        { webhook: row.webhook, delivery: row.id, reason: failure?.message },
        'a webhook was not delivered',
      )
    }
    await updateDelivery(tables(), row.id, {
      ...next,
      attempts,
      response_status: responseStatus,
      error: failure?.message ?? null,
    })
  }

  async function deliverDue(): Promise<void> {
    if (stopped) throw fail('storage.unavailable', { reason: 'the deliverer of webhooks has stopped' })
    const free = concurrency - underWay.size
    if (free <= 0) return
    const rows = await listDue(tables(), { now: clock.now(), limit: free, except: [...underWay.keys()] })
    const started = rows
      .filter(({ id }) => !underWay.has(id))
      .map((row) => {
        const delivery = deliver(row).finally(() => underWay.delete(row.id))
        underWay.set(row.id, delivery)
        return delivery
      })
    await Promise.all(started)
  }

  function schedule(): void {
    timer = setTimeout(() => {
      // Not awaited: a slow receiver must not keep the others waiting for the next look.
      deliverDue().catch((error: unknown) => logger.warn({ err: error }, 'webhooks could not be delivered'))
      forgetEnded(tables(), clock.now() - keptMs)
        .catch((error: unknown) => logger.warn({ err: error }, 'old deliveries could not be forgotten'))
        .finally(() => {
          if (!stopped) schedule()
        })
    }, pollMs).unref()
  }

  return {
    deliverDue,
    start: schedule,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await Promise.allSettled(underWay.values())
    },
  }
}

function failureOf(result: SendResult): { message: string; final: boolean } | undefined {
  if (result.kind === 'error') return result
  const { status } = result
  if (status >= 200 && status < 300) return undefined
  return { message: `it answered ${status}`, final: status !== 429 && status < 500 }
}

function delayOf(attempts: number, result: SendResult): number {
  const asked = result.kind === 'answer' ? result.retryAfterMs : null
  return Math.min(longestDelayMs, asked ?? firstDelayMs * 2 ** (attempts - 1))
}
