import { messageOf, required } from './message.ts'
import { text, type WireType } from './types.ts'

/** A tag or parameter of MLflow's wire. */
export interface Entry {
  key: string
  value: string
}

/** A value may be empty, and is when it was not sent. */
export const entry: WireType<Entry> = messageOf({
  key: required(text),
  value: { ...text, absent: '' },
})

/** The last value of a key counts. */
export function toRecord(entries: readonly Entry[]): Record<string, string> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

/** As a list that is absent when empty. */
export function fromRecord(record: Readonly<Record<string, string>>): Entry[] | undefined {
  const entries = Object.entries(record)
  return entries.length === 0 ? undefined : entries.map(([key, value]) => ({ key, value }))
}
