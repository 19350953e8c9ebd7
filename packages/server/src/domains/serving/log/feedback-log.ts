import { fail } from '@millrace/protocol'
import { createSegmentWriter, dayOf } from '../../../kernel/segments.ts'
import { logFolders } from './paths.ts'

/** What turned out to be true about one prediction. */
export interface FeedbackItem {
  id: string
  /** True and false are kept as 1 and 0. */
  label: boolean | number
  /** When the truth was known, milliseconds; by default when it arrives here. */
  at?: number
}

export interface FeedbackLog {
  /** Keeps all or, if one is not valid, none; returns the bytes. @throws `request.invalid`, `storage.full`, `storage.unavailable` */
  append(items: readonly FeedbackItem[]): number
  close(): void
}

/** The log of what this process was told about an endpoint's predictions. */
export function createFeedbackLog(options: {
  logDir: string
  endpoint: string
  now(): number
  maxBytes?: number
}): FeedbackLog {
  const { logDir, endpoint, now, maxBytes } = options
  const writer = createSegmentWriter({ dir: logFolders(logDir, endpoint).feedback, now, maxBytes })
  return {
    append(items) {
      const received = now()
      let lines = ''
      for (const [i, item] of items.entries()) lines += toLine(item, i, received)
      return lines === '' ? 0 : writer.append(dayOf(received), lines)
    },
    close: writer.close,
  }
}

function toLine({ id, label, at }: FeedbackItem, index: number, received: number): string {
  const value = typeof label === 'boolean' ? Number(label) : label
  if (value !== 0 && value !== 1) {
    throw fail('request.invalid', {
      reason: `items.${index}.label must be true, false, 1 or 0, got ${String(label)}`,
      field: `items.${index}.label`,
      expected: 'true, false, 1 or 0',
      value: String(label),
    })
  }
  return `{"id":${JSON.stringify(id)},"label":${value},"at":${at ?? received},"received":${received}}\n`
}
