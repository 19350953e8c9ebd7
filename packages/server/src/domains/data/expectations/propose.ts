import type { Expectation, ExpectationKwargs, ExpectationType, Severity } from '@millrace/protocol'
import { quoteName } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import type { DatasetVersion } from '../dataset-version.ts'
import { formatOf } from './text-format.ts'

/** A text column with so few values, each in ten rows on average or more, has a domain. */
const domainValues = 50
/** Fewer rows say nothing about uniqueness, formats or domains. */
const minRows = 20
/** Slack on each side of a range, as a share of its width. */
const slack = 0.1

interface Profile {
  present: number
  distinct: number
  min: number | string | boolean | null
  max: number | string | boolean | null
  /** Of texts. */
  shortest?: number | null
  longest?: number | null
  values?: { v: string }[] | null
  shapes?: string[] | null
  runs?: string[] | null
}

/**
 * Expectations that a version meets with some slack: number of rows, columns, missing values, uniqueness, ranges,
 * domains of texts with few values and formats of the others. What must never be otherwise stops a version; what is
 * only usual warns.
 */
export async function proposeExpectations(
  lake: Pick<Lake, 'rows'>,
  { version, relation }: { version: DatasetVersion; relation: string },
  options: LakeOptions = {},
): Promise<Expectation[]> {
  const { rows, schema } = version
  const notes = `learned from version ${version.version}`
  const expectations: Expectation[] = []
  const add = <Type extends ExpectationType>(
    type: Type,
    kwargs: ExpectationKwargs[Type],
    severity: Severity = 'stop',
  ) => expectations.push({ type, kwargs: kwargs as Record<string, unknown>, severity, notes })

  add('expect_table_columns_to_match_set', { column_set: Object.keys(schema) })
  add(
    'expect_table_row_count_to_be_between',
    { min_value: Math.floor(rows / 2), max_value: rows * 2 },
    'warn',
  )
  for (const [column, type] of Object.entries(schema)) {
    const sql = quoteName(column)
    const [profile] = await lake.rows<Profile>(profileQuery(sql, type, relation), options)
    const { present, distinct, min, max } = profile
    if (present === rows) add('expect_column_values_to_not_be_null', { column })
    else if (present > 0) {
      // Twice as many may be missing; to two digits, so that it can be read.
      const mostly = Math.max(0, Math.floor((1 - (2 * (rows - present)) / rows) * 100) / 100)
      if (mostly > 0) add('expect_column_values_to_not_be_null', { column, mostly }, 'warn')
    }
    if (present === 0) continue
    const isKey = (type === 'int64' || type === 'string') && present >= minRows && distinct === present
    if (isKey) add('expect_column_values_to_be_unique', { column })
    if (typeof min === 'number' && typeof max === 'number' && type !== 'boolean') {
      const width = (max - min) * slack
      const low = min >= 0 && type !== 'timestamp' ? Math.max(0, min - width) : min - width
      const tidy = (value: number) => {
        if (type === 'timestamp') return new Date(value).toISOString()
        return type === 'float64' ? Number(value.toPrecision(6)) : Math.round(value)
      }
      // Times go on: only how old they may be is known.
      const end = type === 'timestamp' || isKey ? {} : { max_value: tidy(max + width) }
      add('expect_column_values_to_be_between', { column, min_value: tidy(low), ...end }, 'warn')
    }
    if (type !== 'string' || present < minRows) continue
    if (distinct <= domainValues && distinct * 10 <= present) {
      const values = (profile.values ?? []).map(({ v }) => v).sort()
      add('expect_column_values_to_be_in_set', { column, value_set: values }, 'warn')
      continue
    }
    const regex = formatOf(profile.shapes ?? []) ?? formatOf(profile.runs ?? [], { repeats: true })
    if (regex !== undefined) add('expect_column_values_to_match_regex', { column, regex }, 'warn')
    else {
      const range = {
        min_value: profile.shortest ?? 0,
        max_value: Math.ceil((profile.longest ?? 0) * (1 + slack)),
      }
      add('expect_column_value_lengths_to_be_between', { column, ...range }, 'warn')
    }
  }
  return expectations
}

function profileQuery(sql: string, type: string, relation: string): string {
  const list = ['coalesce(sum(n), 0) AS present', 'count(*) AS distinct', 'min(v) AS min', 'max(v) AS max']
  if (type === 'string') {
    const shape = `regexp_replace(regexp_replace(regexp_replace(v, '[0-9]', '9', 'g'), '[A-Z]', 'A', 'g'), '[a-z]', 'a', 'g')`
    const runs = `regexp_replace(regexp_replace(regexp_replace(${shape}, '9+', '9', 'g'), 'A+', 'A', 'g'), 'a+', 'a', 'g')`
    list.push(
      'min(length(v)) AS shortest',
      'max(length(v)) AS longest',
      `arg_max({v: v}, n, ${domainValues}) AS "values"`,
      // Least and greatest are the same if there is one; a list of all could be as long as the column.
      `[min(${shape}), max(${shape})] AS shapes`,
      `[min(${runs}), max(${runs})] AS runs`,
    )
  }
  return `SELECT ${list.join(', ')} FROM (SELECT ${sql} AS v, count(*) AS n FROM ${relation} WHERE ${sql} IS NOT NULL GROUP BY v)`
}
