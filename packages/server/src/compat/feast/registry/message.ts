import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** How one field of a message is read; `T` is what one occurrence of it gives. */
interface Field<T> {
  number: number
  wire: WireType
  read(reader: BinaryReader): T
}

interface ListField<T> extends Field<T> {
  isList: true
}

/** A message as the fields of it that are wanted; all others are skipped. */
type Fields = Readonly<Record<string, Field<unknown> | ListField<unknown>>>

/** What reading gives: a field that was not sent is undefined, a list is empty. */
export type MessageOf<F extends Fields> = {
  [K in keyof F]: F[K] extends ListField<infer T> ? T[] : F[K] extends Field<infer T> ? T | undefined : never
}

export const text = (number: number): Field<string> => ({
  number,
  wire: WireType.LengthDelimited,
  read: (reader) => reader.string(),
})

/** int32 and enumerations. */
export const integer = (number: number): Field<number> => ({
  number,
  wire: WireType.Varint,
  read: (reader) => reader.int32(),
})

export const long = (number: number): Field<number> => ({
  number,
  wire: WireType.Varint,
  read: (reader) => Number(reader.int64()),
})

export const message = <F extends Fields>(number: number, fields: F): Field<MessageOf<F>> => ({
  number,
  wire: WireType.LengthDelimited,
  read: (reader) => readMessage(reader.bytes(), fields),
})

export const list = <T>(field: Field<T>): ListField<T> => ({ ...field, isList: true })

/** A map of texts comes as a list of its entries. */
export const texts = (number: number) => list(message(number, { key: text(1), value: text(2) }))

/** @throws Error if the bytes are not such a message */
export function readMessage<F extends Fields>(bytes: Uint8Array, fields: F): MessageOf<F> {
  const names = new Map(Object.entries(fields).map(([name, field]) => [field.number, name]))
  const found: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) found[name] = 'isList' in field ? [] : undefined
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag()
    const name = names.get(number)
    if (name === undefined) {
      reader.skip(wire, number)
      continue
    }
    const field = fields[name]
    if (wire !== field.wire) throw new Error(`field ${number} has wire type ${wire}, not ${field.wire}`)
    const value = field.read(reader)
    if ('isList' in field) (found[name] as unknown[]).push(value)
    else found[name] = value
  }
  return found as MessageOf<F>
}
