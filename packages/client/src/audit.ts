import type { Transport } from './transport.ts'

/** What was applied, decided, started, rolled out or moved. */
export interface AuditEvent {
  /** Grows, with gaps. */
  offset: number
  /** Such as `model.registered`. */
  type: string
  /** Milliseconds. */
  at: number
  data: Record<string, unknown>
}

export function auditCalls({ send }: Transport) {
  return {
    audit: {
      /** Oldest first; go on with `after`, the last offset that you saw. At most 1000 at once, 100 by default. */
      list: (query: { after?: number; limit?: number } = {}) =>
        send<{ items: AuditEvent[] }>({ method: 'GET', path: '/v1/audit', query: { ...query } }),
    },
  }
}
