import type { ColumnType, FeatureServiceDefinition, Schema } from '@millrace/protocol'

/** What one feature service, at one version, needs of a request. */
export interface RequestNeeds {
  readonly request: Schema
  readonly service: Pick<FeatureServiceDefinition, 'request' | 'timestamp'>
}

/** What a request must have so that every variant can be answered, whichever it is assigned to. */
export interface JoinedNeeds {
  schema: Schema
  /** Columns in which null is a missing value: request features to everyone who needs them. */
  nullable: Set<string>
}

/**
 * The union of what the current definitions and the live variants need. Where a live variant and the current
 * definitions disagree about a type, the variant decides: it is what answers.
 */
export function joinNeeds(current: RequestNeeds, live: readonly RequestNeeds[]): JoinedNeeds {
  const schema: Schema = { ...current.request }
  const decided = new Map<string, ColumnType>()
  for (const { request } of live) {
    for (const [name, type] of Object.entries(request)) {
      const known = decided.get(name)
      decided.set(name, known === undefined ? type : (narrower(known, type) ?? known))
    }
  }
  for (const [name, type] of decided) schema[name] = narrower(schema[name] ?? type, type) ?? type
  const all = [current, ...live]
  const nullable = Object.keys(schema).filter((name) =>
    all.every(
      ({ request, service }) => !(name in request) || (name in service.request && name !== service.timestamp),
    ),
  )
  return { schema, nullable: new Set(nullable) }
}

/** The first column of which no value suits both; undefined if all requests can suit both. */
export function findConflict(
  a: RequestNeeds,
  b: RequestNeeds,
): { column: string; types: [ColumnType, ColumnType] } | undefined {
  for (const [column, type] of Object.entries(a.request)) {
    const other = b.request[column]
    if (other !== undefined && narrower(type, other) === undefined) return { column, types: [type, other] }
  }
  return undefined
}

/** The type whose values suit both: each whole number is a number. */
function narrower(a: ColumnType, b: ColumnType): ColumnType | undefined {
  if (a === b) return a
  const numbers: readonly ColumnType[] = ['int64', 'float64']
  return numbers.includes(a) && numbers.includes(b) ? 'int64' : undefined
}
