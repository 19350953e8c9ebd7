/**
 * Durable, ordered topics: the audit trail and the feed of what happened.
 *
 * Guarantees
 * - append is atomic for its events and survives `kill -9` once it resolves.
 * - Offsets of a topic increase, without order changes once read; a reader that continues after the last offset it
 *   saw misses nothing and sees nothing twice, also with several concurrent writers.
 */
export interface EventStream {
  append(topic: string, events: readonly NewEvent[]): Promise<void>
  read(topic: string, page: { after?: number; limit: number }): Promise<StreamEvent[]>
  /**
   * Forgets the oldest events of a topic, as far as they are at or before the offset `until` and of a time before
   * `before` (milliseconds): some thousands at most, so that it may be called again and again. Offsets go on.
   */
  trim(topic: string, range: { until: number; before: number }): Promise<void>
}

export interface NewEvent {
  type: string
  /** Milliseconds. */
  at: number
  data: Record<string, unknown>
}

export interface StreamEvent extends NewEvent {
  offset: number
}
