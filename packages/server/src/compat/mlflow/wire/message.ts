import { MlflowError } from '../mlflow-error.ts'
import { invalid, missing } from './invalid.ts'
import type { WireType } from './types.ts'

/** A field that must be sent; `""` counts as not sent. */
export interface RequiredField<T> {
  required: WireType<T>
  /** Read when nothing was sent, to be refused in the words of the type. */
  unset?: unknown
}

/** The fields of a message by their proto names. */
export type Fields = Readonly<Record<string, WireType<unknown> | RequiredField<unknown>>>

/** The values of a message. */
export type Message<F extends Fields> = {
  [K in keyof F]: F[K] extends RequiredField<infer T>
    ? T
    : F[K] extends { absent: infer T }
      ? T
      : F[K] extends WireType<infer T>
        ? T extends readonly unknown[]
          ? T
          : T | undefined
        : never
}

export function required<T>(type: WireType<T>): RequiredField<T> {
  return { required: type }
}

/**
 * Reads a JSON object. Unknown fields are ignored, `null` is a field that was not sent, and a name may be spelled in
 * proto's JSON way (`runId`), but not both ways at once.
 */
export function readMessage<F extends Fields>(fields: F, value: unknown, at = ''): Message<F> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(at || 'body', value)
  const given = value as Record<string, unknown>
  const message: Record<string, unknown> = {}
  for (const slot of slotsOf(fields)) {
    const { name, type, mandatory } = slot
    const path = at === '' ? name : `${at}.${name}`
    const raw = pick(given, slot) ?? slot.unset
    if (mandatory && (raw === undefined || raw === '')) throw missing(path)
    const read = raw === undefined ? undefined : type.read(raw, path)
    if (mandatory && read === undefined) throw missing(path)
    message[name] = read ?? type.absent
  }
  return message as Message<F>
}

/** A message as the type of a field. */
export function messageOf<F extends Fields>(fields: F): WireType<Message<F>> {
  return { read: (value, at) => readMessage(fields, value, at) }
}

/** A field, looked at once: a batch has a thousand messages of the same fields. */
interface Slot {
  name: string
  /** Proto's JSON name of the field; undefined where it is the same. */
  jsonName: string | undefined
  type: WireType<unknown>
  mandatory: boolean
  unset: unknown
}

const known = new WeakMap<Fields, readonly Slot[]>()

function slotsOf(fields: Fields): readonly Slot[] {
  const slots = known.get(fields) ?? Object.entries(fields).map(([name, field]) => toSlot(name, field))
  known.set(fields, slots)
  return slots
}

function toSlot(name: string, field: Fields[string]): Slot {
  const jsonName = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const about = { name, jsonName: jsonName === name ? undefined : jsonName }
  if ('required' in field) return { ...about, type: field.required, mandatory: true, unset: field.unset }
  return { ...about, type: field, mandatory: false, unset: undefined }
}

function pick(given: Record<string, unknown>, { name, jsonName }: Slot): unknown {
  const value = given[name]
  if (jsonName === undefined) return value ?? undefined
  const other = given[jsonName]
  if (value !== undefined && other !== undefined) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Request specifies both '${name}' and '${jsonName}'; provide only one of them.`,
    )
  }
  // Clients before 1.0 call it run_uuid, later ones send both.
  return value ?? other ?? (name === 'run_id' ? given.run_uuid : undefined) ?? undefined
}
