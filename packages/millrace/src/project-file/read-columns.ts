import { type ColumnType, PiiTag } from '@millrace/protocol'
import { type Columns, t } from '../definition/column.ts'
import { type Fields, fieldsOf } from './fields.ts'

/** The columns in a field of the file: the name of each with its type. @throws TypeError that says where it is wrong */
export function readColumns(fields: Fields, name: string): Columns {
  const at = `${fields.at}.${name}`
  return Object.fromEntries(
    fields.entries(name).map(([column, type]) => [column, columnOf(type, `${at}.${column}`)]),
  )
}

/** The same of the schema of a dataset, where a column may have a tag: `{ type: string, pii: email, mask: hash }`. */
export function readTaggedColumns(fields: Fields, name: string): Columns {
  return Object.fromEntries(
    fields.entries(name).map(([column, value]) => {
      const at = `${fields.at}.${name}.${column}`
      if (typeof value === 'string') return [column, columnOf(value, at)]
      const one = fieldsOf(value, at, ['type', 'pii', 'mask'])
      const spec = columnOf(one.text('type'), `${at}.type`)
      if (!one.has('pii') && !one.has('mask')) return [column, spec]
      return [column, { ...spec, tag: { pii: one.text('pii'), mask: maskOf(one, spec.type) } }]
    }),
  )
}

const masks = PiiTag.properties.mask.anyOf.map((one) => one.const)

function maskOf(fields: Fields, type: ColumnType): PiiTag['mask'] {
  const text = fields.text('mask')
  const mask = masks.find((one) => one === text)
  if (mask === undefined)
    throw new TypeError(`${fields.at}.mask must be one of ${masks.join(', ')}, got "${text}"`)
  if (mask !== 'keep' && type !== 'string')
    throw new TypeError(`${fields.at}.mask must be keep: only texts can be masked, and this is ${type}`)
  return mask
}

/** The column of a type's name. @throws TypeError */
export function columnOf(type: unknown, at: string): Columns[string] {
  if (typeof type === 'string' && Object.hasOwn(t, type)) return t[type as keyof typeof t]()
  throw new TypeError(`${at} must be one of ${Object.keys(t).join(', ')}, got ${JSON.stringify(type)}`)
}
