import type { ColumnType } from '@millrace/protocol'
import type { Described } from '../definition/described.ts'
import type { FeatureOptions } from '../definition/feature-options.ts'
import type { Fields } from './fields.ts'

/** Fields that say what something is. */
export const describedFields = ['description', 'owner', 'tags'] as const
/** Fields that say what a feature is and which values it may have. */
export const featureFields = [...describedFields, 'min', 'max', 'in', 'notNull', 'outside'] as const

/** @throws TypeError that says where in the file something is wrong */
export function readDescribed(fields: Fields): Described {
  const [description, owner] = [fields.optionalText('description'), fields.optionalText('owner')]
  const tags = fields.entries('tags').map(([tag, value]) => {
    if (typeof value === 'object') throw new TypeError(`${fields.at}.tags.${tag} must be a text`)
    // YAML reads 2024 and true as what they look like.
    return [tag, String(value)] as const
  })
  return {
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
  }
}

/** @throws TypeError that says where in the file something is wrong */
export function readFeatureOptions(fields: Fields, type: ColumnType): FeatureOptions {
  const { at } = fields
  const ends = (['min', 'max'] as const).flatMap((name) => {
    const value = fields.get(name)
    return value === undefined ? [] : [[name, readEnd(value, type, `${at}.${name}`)] as const]
  })
  const members = fields.get('in')
  if (members !== undefined && !Array.isArray(members))
    throw new TypeError(`${at}.in must be a list of values, got ${JSON.stringify(members)}`)
  const notNull = fields.get('notNull')
  if (notNull !== undefined && typeof notNull !== 'boolean')
    throw new TypeError(`${at}.notNull must be true or false, got ${JSON.stringify(notNull)}`)
  // Unquoted, null is no text in YAML.
  const outside = fields.get('outside') === null ? 'null' : fields.optionalText('outside')
  if (outside !== undefined && outside !== 'refuse' && outside !== 'null' && outside !== 'clip')
    throw new TypeError(`${at}.outside must be refuse, null or clip, got "${outside}"`)
  return {
    ...readDescribed(fields),
    ...Object.fromEntries(ends),
    ...(members && { in: members as never }),
    ...(notNull && { notNull }),
    ...(outside && { outside }),
  }
}

function readEnd(value: unknown, type: ColumnType, at: string): number | Date {
  if (type !== 'timestamp') {
    if (typeof value === 'number') return value
    throw new TypeError(`${at} must be a number, got ${JSON.stringify(value)}`)
  }
  const time = value instanceof Date ? value : new Date(String(value))
  if (!Number.isNaN(time.getTime())) return time
  throw new TypeError(`${at} must be a time, got ${JSON.stringify(value)}`)
}
