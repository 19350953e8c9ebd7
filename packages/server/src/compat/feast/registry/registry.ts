import { fail } from '@millrace/protocol'
import { integer, list, long, type MessageOf, message, readMessage, text, texts } from './message.ts'

// Names and numbers of the fields are those of Feast's protobuf files (package feast.core).

const feature = { name: text(1), valueType: integer(2), tags: texts(3), description: text(4) }

const fileFormat = { delta: message(2, {}) }

const batchSource = {
  name: text(20),
  type: integer(1),
  classType: text(17),
  fieldMapping: texts(2),
  timestampField: text(3),
  createdTimestampColumn: text(5),
  file: message(11, { format: message(1, fileFormat), uri: text(2) }),
}
const dataSource = { ...batchSource, batchSource: message(26, batchSource) }

const duration = { seconds: long(1), nanos: integer(2) }
const userFunction = { name: text(1) }
const transformation = { userFunction: message(1, userFunction) }

const featureView = {
  name: text(1),
  project: text(2),
  entities: list(text(3)),
  features: list(message(4, feature)),
  tags: texts(5),
  ttl: message(6, duration),
  batchSource: message(7, dataSource),
  streamSource: message(9, dataSource),
  description: text(10),
  owner: text(11),
  entityColumns: list(message(12, feature)),
  sourceViews: list(message(14, { name: text(1) })),
  transformation: message(15, transformation),
}

const onDemandView = {
  name: text(1),
  project: text(2),
  userFunction: message(5, userFunction),
  transformation: message(10, transformation),
}

const streamView = {
  name: text(1),
  project: text(2),
  userFunction: message(13, userFunction),
  transformation: message(17, transformation),
}

const projection = {
  viewName: text(1),
  features: list(message(2, feature)),
  alias: text(3),
  joinKeyMap: texts(4),
  versionTag: integer(10),
}

const named = { name: text(1), project: text(2) }

const featureService = {
  ...named,
  projections: list(message(3, projection)),
  tags: texts(4),
  description: text(5),
  owner: text(6),
}

const registryFields = {
  schemaVersion: text(3),
  entities: list(
    message(1, {
      spec: message(1, {
        name: text(1),
        project: text(9),
        valueType: integer(2),
        description: text(3),
        joinKey: text(4),
        tags: texts(8),
        owner: text(10),
      }),
    }),
  ),
  featureViews: list(message(6, { spec: message(1, featureView) })),
  onDemandViews: list(message(8, { spec: message(1, onDemandView) })),
  streamViews: list(message(14, { spec: message(1, streamView) })),
  labelViews: list(message(19, { spec: message(1, named) })),
  services: list(message(7, { spec: message(1, featureService) })),
  savedDatasets: list(message(11, { spec: message(1, named) })),
  permissions: list(message(16, { spec: message(1, named) })),
}

export type FeastRegistry = MessageOf<typeof registryFields>
export type FeastView = MessageOf<typeof featureView>
export type FeastSource = MessageOf<typeof batchSource>
export type FeastProjection = MessageOf<typeof projection>

/** The kind of source that rows are pushed to. */
export const pushSource = 9

/** Kinds of sources, by their numbers. */
export const sourceTypes: Readonly<Record<number, string>> = {
  1: 'file',
  2: 'BigQuery',
  3: 'Kafka',
  4: 'Kinesis',
  5: 'Redshift',
  6: 'custom',
  7: 'request',
  8: 'Snowflake',
  9: 'push',
  10: 'Spark',
  11: 'Trino',
  12: 'Athena',
  13: 'Iceberg',
}

/**
 * Reads the file of a Feast registry (a `feast.core.Registry` message). Functions of users are in it as pickled
 * objects: their names are read, they are never opened.
 * @throws `feast.registry_unreadable`
 */
export function readRegistry(bytes: Uint8Array): FeastRegistry {
  let registry: FeastRegistry
  try {
    registry = readMessage(bytes, registryFields)
  } catch (error) {
    throw fail('feast.registry_unreadable', { reason: (error as Error).message }, error)
  }
  if (registry.schemaVersion !== '1') {
    const found = registry.schemaVersion === undefined ? 'none' : JSON.stringify(registry.schemaVersion)
    throw fail('feast.registry_unreadable', {
      reason: `its schema version is ${found}, not "1"`,
    })
  }
  return registry
}
