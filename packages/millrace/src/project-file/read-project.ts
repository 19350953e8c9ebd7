import type { Columns } from '../definition/column.ts'
import type { Dataset } from '../definition/dataset.ts'
import type { Duration } from '../definition/duration.ts'
import { type Entity, entity } from '../definition/entity.ts'
import { sql } from '../definition/feature.ts'
import { featureService } from '../definition/feature-service.ts'
import { type FeatureView, featureView } from '../definition/feature-view.ts'
import { type Project, project } from '../definition/project.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { columnOf, readColumns } from './read-columns.ts'
import { datasetFields, readDataset } from './read-dataset.ts'
import { readFeature } from './read-feature.ts'
import { describedFields, featureFields, readDescribed, readFeatureOptions } from './read-options.ts'

/**
 * Makes a project out of what a YAML or JSON file says, with the functions that TypeScript projects call: the rules
 * and the messages are the same.
 * @throws TypeError that says where in the file something is wrong
 */
export function readProject(file: unknown): Project {
  const fields = fieldsOf(file, '', ['project', 'entities', 'datasets', 'featureViews', 'featureServices'])
  const entities = readEach(fields, 'entities', ['key'], readEntity)
  const datasets = readEach(fields, 'datasets', datasetFields, readDataset)
  const views = readEach(
    fields,
    'featureViews',
    ['entity', 'from', 'timestamp', 'created', 'ttl', 'every', 'stream', 'watch', 'features'],
    (name, view) => readView(name, view, { entities, datasets }),
  )
  const services = readEach(
    fields,
    'featureServices',
    ['views', 'request', 'timestamp', 'logReads'],
    (name, service) =>
      featureService(
        name,
        service.texts('views').map((view) => find(views, view, `${service.at}.views`)),
        {
          ...readDescribed(service),
          request: readRequest(service),
          timestamp: service.text('timestamp'),
          ...(service.has('logReads') && { logReads: service.get('logReads') as number }),
        },
      ),
  )
  return project({
    name: fields.text('project'),
    definitions: [...entities.values(), ...datasets.values(), ...views.values(), ...services.values()],
  })
}

function readEach<T>(
  file: Fields,
  section: string,
  known: readonly string[],
  read: (name: string, fields: Fields) => T,
): Map<string, T> {
  const entries = file.entries(section)
  return new Map(
    entries.map(([name, value]) => [
      name,
      read(name, fieldsOf(value, `${section}.${name}`, [...known, ...describedFields])),
    ]),
  )
}

function find<T>(known: ReadonlyMap<string, T>, name: string, at: string): T {
  const found = known.get(name)
  if (found === undefined)
    throw new TypeError(`${at} names "${name}"; the file has ${[...known.keys()].join(', ') || 'none'}`)
  return found
}

function readEntity(name: string, fields: Fields): Entity {
  return entity(name, { ...readDescribed(fields), key: readColumns(fields, 'key') })
}

function readView(
  name: string,
  fields: Fields,
  known: { entities: ReadonlyMap<string, Entity>; datasets: ReadonlyMap<string, Dataset> },
): FeatureView {
  const from = readFrom(fields, known.datasets)
  const durations = (['ttl', 'every'] as const).filter((field) => fields.has(field))
  const stream = fields.has('stream')
    ? fieldsOf(fields.get('stream'), `${fields.at}.stream`, ['id', 'allowedLateness', 'topic'])
    : undefined
  const watch = fields.has('watch')
    ? fieldsOf(fields.get('watch'), `${fields.at}.watch`, ['nulls', 'drift'])
    : undefined
  const bounds = (['nulls', 'drift'] as const).filter((bound) => watch?.has(bound))
  const columns = (['timestamp', 'created'] as const).filter((field) => fields.has(field))
  return featureView(name, {
    ...readDescribed(fields),
    entity: find(known.entities, fields.text('entity'), `${fields.at}.entity`),
    from: from as Dataset,
    ...Object.fromEntries(columns.map((field) => [field, fields.text(field)])),
    ...Object.fromEntries(durations.map((field) => [field, fields.text(field)])),
    ...(stream && {
      stream: {
        id: stream.text('id') as never,
        allowedLateness: stream.text('allowedLateness') as Duration,
        ...(stream.has('topic') && { topic: stream.text('topic') }),
      },
    }),
    ...(watch && { watch: Object.fromEntries(bounds.map((bound) => [bound, watch.get(bound)])) }),
    features: (given) =>
      Object.fromEntries(
        fields
          .entries('features')
          .map(([feature, value]) => [
            feature,
            readFeature(value, `${fields.at}.features.${feature}`, given),
          ]),
      ),
  })
}

/** The name of a dataset, or a query over several. */
function readFrom(fields: Fields, datasets: ReadonlyMap<string, Dataset>) {
  const value = fields.get('from')
  if (typeof value !== 'object' || value === null)
    return find(datasets, fields.text('from'), `${fields.at}.from`)
  const query = fieldsOf(value, `${fields.at}.from`, ['sql', 'uses', 'columns', 'timestamp'])
  const uses = query.texts('uses').map((used) => find(datasets, used, `${query.at}.uses`))
  return sql(query.text('sql'), {
    uses: uses as [Dataset, ...Dataset[]],
    columns: readColumns(query, 'columns'),
    timestamp: query.text('timestamp') as never,
  })
}

/** Of a request feature there may be more to say than its type. */
function readRequest(service: Fields): Columns {
  return Object.fromEntries(
    service.entries('request').map(([name, value]) => {
      const at = `${service.at}.request.${name}`
      if (typeof value === 'string') return [name, columnOf(value, at)]
      const fields = fieldsOf(value, at, ['type', ...featureFields])
      const column = columnOf(fields.text('type'), `${at}.type`)
      return [name, { ...column, options: readFeatureOptions(fields, column.type) }]
    }),
  )
}
