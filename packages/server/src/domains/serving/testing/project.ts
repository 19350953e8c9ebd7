import type { Definition, EndpointDefinition } from '@millrace/protocol'
import { sha256 } from '../../../kernel/hash.ts'
import { versionOf } from '../../definitions/index.ts'

const hour = 3_600_000
export const bundle = `export function findFunction(kind, name) {
  return ({ at, size }) => {
    if (size === 13) throw new Error('thirteen')
    return { hour: at.getUTCHours() }
  }
}`

const canary: EndpointDefinition['canary'] = {
  steps: [10, 50, 100],
  minRequests: 40,
  minLabels: 40,
  maxErrorRate: 0.05,
  alpha: 0.01,
}

/** The project of the test bed. */
export function projectOf(policy: Partial<EndpointDefinition['canary']> = {}): Definition[] {
  return [
    {
      kind: 'dataset',
      name: 'sales',
      source: { format: 'csv', path: 'sales.csv' },
      schema: { at: 'timestamp', shop: 'string', amount: 'float64' },
      derived: {},
      timestamp: 'at',
      expectations: [],
    },
    { kind: 'entity', name: 'shop', key: { shop: 'string' } },
    {
      kind: 'feature-view',
      name: 'shop_sales',
      entity: 'shop',
      from: 'sales',
      timestamp: 'at',
      ttlMs: 24 * hour,
      hopMs: hour,
      features: { amount_2h: { type: 'float64', aggregate: 'sum', sql: 'amount', windowMs: 2 * hour } },
    },
    {
      kind: 'on-demand-view',
      name: 'calendar',
      input: { at: 'timestamp', size: 'int64' },
      features: { hour: 'int64' },
      code: { bundle: sha256(bundle) },
    },
    {
      kind: 'feature-service',
      name: 'shop_features',
      featureViews: ['shop_sales'],
      onDemandViews: ['calendar'],
      request: { size: 'int64', kind: 'string' },
      timestamp: 'at',
    },
    {
      kind: 'endpoint',
      name: 'lateness',
      model: 'late',
      service: 'shop_features',
      canary: { ...canary, ...policy },
    },
  ]
}

/** What manifests say of the definitions that a model was trained with. */
export function versionsOf(definitions: readonly Definition[]): Record<string, string> {
  return Object.fromEntries(definitions.map((one) => [`${one.kind}/${one.name}`, versionOf(one)]))
}
