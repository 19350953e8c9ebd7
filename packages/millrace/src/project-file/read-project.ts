import { type Columns, t } from '../definition/column.ts'
import { type Dataset, dataset, derive } from '../definition/dataset.ts'
import type { Duration } from '../definition/duration.ts'
import { type Entity, entity } from '../definition/entity.ts'
import { sql } from '../definition/feature.ts'
import { featureService } from '../definition/feature-service.ts'
import { type FeatureView, featureView } from '../definition/feature-view.ts'
import { readSuite } from '../definition/gx-suite.ts'
import { type Project, project } from '../definition/project.ts'
import { arrow, csv, json, parquet, type Source } from '../definition/source.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { readFeature } from './read-feature.ts'
import { describedFields, featureFields, readDescribed, readFeatureOptions } from './read-options.ts'

const formats: Record<string, (path: string) => Source> = { parquet, csv, json, arrow }

/**
 * Makes a project out of what a YAML or JSON file says, with the functions that TypeScript projects call: the rules
 * and the messages are the same.
 * @throws TypeError that says where in the file something is wrong
 */
export function readProject(file: unknown): Project {
  const fields = fieldsOf(file, '', ['project', 'entities', 'datasets', 'featureViews', 'featureServices'])
  const entities = readEach(fields, 'entities', ['key'], readEntity)
  const datasets = readEach(
    fields,
    'datasets',
    ['source', 'schema', 'derived', 'timestamp', 'mode', 'watermark', 'expectations'],
    readDataset,
  )
  const views = readEach(
    fields,
    'featureViews',
    ['entity', 'from', 'timestamp', 'created', 'ttl', 'every', 'stream', 'features'],
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

function readDataset(name: string, fields: Fields): Dataset {
  const source = fieldsOf(fields.get('source'), `${fields.at}.source`, ['format', 'path'])
  const format = source.text('format')
  if (!Object.hasOwn(formats, format))
    throw new TypeError(`${source.at}.format must be ${Object.keys(formats).join(', ')}, got "${format}"`)
  const derived = fields.entries('derived').map(([column, value]) => {
    const one = fieldsOf(value, `${fields.at}.derived.${column}`, ['type', 'sql'])
    return [column, derive(columnOf(one.text('type'), `${one.at}.type`), one.text('sql'))] as const
  })
  const mode = fields.optionalText('mode')
  if (mode !== undefined && mode !== 'replace' && mode !== 'append')
    throw new TypeError(`${fields.at}.mode must be replace or append, got "${mode}"`)
  const watermark = fields.optionalText('watermark')
  const expectations = fields.get('expectations')
  return dataset(name, {
    ...readDescribed(fields),
    source: formats[format](source.text('path')),
    schema: readColumns(fields, 'schema'),
    derived: Object.fromEntries(derived),
    timestamp: fields.text('timestamp') as never,
    ...(mode && { mode }),
    ...(watermark !== undefined && { watermark: watermark as never }),
    ...(expectations !== undefined && { expect: () => readSuite({ expectations }) }),
  })
}

function readView(
  name: string,
  fields: Fields,
  known: { entities: ReadonlyMap<string, Entity>; datasets: ReadonlyMap<string, Dataset> },
): FeatureView {
  const from = readFrom(fields, known.datasets)
  const durations = (['ttl', 'every'] as const).filter((field) => fields.has(field))
  const stream = fields.has('stream')
    ? fieldsOf(fields.get('stream'), `${fields.at}.stream`, ['id', 'allowedLateness'])
    : undefined
  const columns = (['timestamp', 'created'] as const).filter((field) => fields.has(field))
  return featureView(name, {
    ...readDescribed(fields),
    entity: find(known.entities, fields.text('entity'), `${fields.at}.entity`),
    from: from as Dataset,
    ...Object.fromEntries(columns.map((field) => [field, fields.text(field)])),
    ...Object.fromEntries(durations.map((field) => [field, fields.text(field)])),
    ...(stream && {
      stream: { id: stream.text('id') as never, allowedLateness: stream.text('allowedLateness') as Duration },
    }),
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

function readColumns(fields: Fields, name: string): Columns {
  const at = `${fields.at}.${name}`
  return Object.fromEntries(
    fields.entries(name).map(([column, type]) => [column, columnOf(type, `${at}.${column}`)]),
  )
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

function columnOf(type: unknown, at: string): Columns[string] {
  if (typeof type === 'string' && Object.hasOwn(t, type)) return t[type as keyof typeof t]()
  throw new TypeError(`${at} must be one of ${Object.keys(t).join(', ')}, got ${JSON.stringify(type)}`)
}
