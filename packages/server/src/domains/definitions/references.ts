import {
  type Definition,
  type DefinitionKind,
  type DefinitionOf,
  fail,
  type Schema,
} from '@millrace/protocol'
import { columnsOfDataset, columnsOfView, type Lookup } from './columns.ts'
import { checkFeatureOptions } from './feature-options.ts'
import { checkTrainingSet } from './training-set-references.ts'

/**
 * Checks what a definition refers to: other definitions exist, columns exist and have the right type.
 * @throws `definition.invalid` naming the field and what would be accepted.
 */
export function checkReferences(definition: Definition, find: Lookup): void {
  const refuse = (reason: string) =>
    fail('definition.invalid', { kind: definition.kind, name: definition.name, reason })
  const need = <K extends DefinitionKind>(kind: K, name: string, field: string): DefinitionOf<K> => {
    const found = find(kind, name)
    if (!found) throw refuse(`${field} names the ${kind} "${name}", which does not exist`)
    return found
  }
  const needColumn = (columns: Schema, column: string, field: string, type?: string) => {
    const found = columns[column]
    if (!found)
      throw refuse(`${field} names the column "${column}"; there are ${Object.keys(columns).join(', ')}`)
    if (type && found !== type) throw refuse(`${field} needs a ${type} column, "${column}" is ${found}`)
  }

  switch (definition.kind) {
    case 'dataset': {
      const columns = columnsOfDataset(definition)
      needColumn(columns, definition.timestamp, 'timestamp', 'timestamp')
      for (const column of Object.keys(definition.derived)) {
        if (column in definition.schema)
          throw refuse(`derived column "${column}" is also a column of the schema`)
      }
      return
    }
    case 'entity': {
      if (Object.keys(definition.key).length === 0) throw refuse('key needs at least one column')
      return
    }
    case 'feature-view': {
      const entity = need('entity', definition.entity, 'entity')
      const from = need('dataset', definition.from, 'from')
      for (const used of definition.query?.uses ?? []) need('dataset', used, 'query.uses')
      if (definition.query && !definition.query.uses.includes(definition.from))
        throw refuse(`query.uses must name "${definition.from}", which the view is from`)
      const columns = columnsOfView(definition, from)
      needColumn(columns, definition.timestamp, 'timestamp', 'timestamp')
      if (definition.created) {
        needColumn(columns, definition.created, 'created', 'timestamp')
        const window = Object.entries(definition.features).find(([, feature]) => !('last' in feature))
        if (window) {
          throw refuse(
            `created is for newest values, but "${window[0]}" is over a window; take "${definition.created}" as the timestamp of a view with the windows`,
          )
        }
      }
      for (const [key, type] of Object.entries(entity.key)) needColumn(columns, key, 'the entity key', type)
      if (definition.stream) {
        const { name, mode, watermark, schema, timestamp } = from
        if (definition.query) throw refuse('a view of a query takes no events')
        needColumn(schema, definition.stream.id, 'stream.id')
        if (!Object.hasOwn(schema, timestamp))
          throw refuse(`a stream needs the time of events, but "${timestamp}" of "${name}" is derived`)
        if (mode !== 'append' || watermark !== undefined)
          throw refuse(
            `a stream needs a dataset of the mode "append" without a watermark; set it for "${name}"`,
          )
      }
      for (const [name, feature] of Object.entries(definition.features)) {
        if ('last' in feature) needColumn(columns, feature.last, `feature "${name}"`, feature.type)
        else if (feature.aggregate !== 'count' && !feature.sql) {
          throw refuse(`feature "${name}" needs an expression to take the ${feature.aggregate} of`)
        } else if (feature.windowMs % definition.hopMs !== 0) {
          throw refuse(
            `the window of feature "${name}" must be a multiple of the view's hop of ${definition.hopMs} ms`,
          )
        }
      }
      const types = Object.entries(definition.features).map(([name, { type }]) => [name, type])
      checkFeatureOptions(Object.fromEntries(types), definition, refuse)
      return
    }
    case 'on-demand-view': {
      checkFeatureOptions(definition.features, definition, refuse)
      return
    }
    case 'feature-service': {
      checkFeatureOptions(definition.request, definition, refuse)
      const owners = new Map<string, string>()
      const claim = (feature: string, owner: string) => {
        const other = owners.get(feature)
        if (other) throw refuse(`the feature "${feature}" comes from both ${other} and ${owner}`)
        owners.set(feature, owner)
      }
      for (const name of definition.featureViews) {
        const view = need('feature-view', name, 'featureViews')
        for (const feature of Object.keys(view.features)) claim(feature, name)
        for (const key of Object.keys(find('entity', view.entity)?.key ?? {})) {
          // Another key than the one that was sent would find the features of somebody else.
          if ((definition.ranges?.[key]?.outside ?? 'refuse') !== 'refuse')
            throw refuse(
              `values of "${key}" outside of its range can only be refused: it is the key of "${name}"`,
            )
        }
      }
      if ((definition.ranges?.[definition.timestamp]?.outside ?? 'refuse') !== 'refuse')
        throw refuse(`times outside of the range of "${definition.timestamp}" can only be refused`)
      for (const name of definition.onDemandViews) {
        for (const feature of Object.keys(need('on-demand-view', name, 'onDemandViews').features))
          claim(feature, name)
      }
      for (const feature of Object.keys(definition.request)) claim(feature, 'the request')
      return
    }
    case 'training-set': {
      checkTrainingSet(definition, { find, need, needColumn, refuse })
      return
    }
    case 'endpoint': {
      need('feature-service', definition.service, 'service')
      const { steps } = definition.canary
      if (steps.at(-1) !== 100 || steps.some((step, i) => i > 0 && step <= (steps[i - 1] ?? 0))) {
        throw refuse(`canary.steps must ascend and end with 100, got ${steps.join(', ')}`)
      }
      return
    }
    case 'monitor': {
      need('endpoint', definition.endpoint, 'endpoint')
      if (!definition.retrain) return
      const pipeline = need('pipeline', definition.retrain.pipeline, 'retrain.pipeline')
      for (const param of Object.keys(definition.retrain.params)) {
        if (pipeline.params[param]?.type !== 'timestamp') {
          throw refuse(
            `retrain.params names "${param}", which is no timestamp parameter of "${pipeline.name}"`,
          )
        }
      }
      return
    }
    case 'pipeline':
      return
  }
}
