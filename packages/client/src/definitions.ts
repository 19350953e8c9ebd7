import type { Definition, DefinitionKind, DefinitionOf } from '@millrace/protocol'
import { path, type Transport } from './transport.ts'

export interface ApplyInput {
  project: string
  definitions: Definition[]
  /** The code bundle as text; null if no definition has code. */
  bundle: string | null
  /** Only say what would change. */
  dryRun?: boolean
  /** Also remove definitions and make changes that break what relies on them. */
  allowDestroy?: boolean
}

export interface DefinitionChange {
  action: 'create' | 'update' | 'delete' | 'unchanged'
  kind: DefinitionKind
  name: string
  /** Top-level fields that differ, for `update`. */
  fields?: string[]
  /** An `update` that changes nothing of what it means: models, training sets and online values stay as they are. */
  sameVersion?: true
  destructive: boolean
}

export interface ApplyResult {
  changes: DefinitionChange[]
  applied: boolean
  /** SHA-256 of the bundle, hex. */
  bundle: string | null
}

export interface StoredDefinition {
  kind: DefinitionKind
  name: string
  project: string
  version: string
  appliedAt: number
}

export function definitionCalls({ send }: Transport) {
  return {
    /**
     * Compares a project's definitions with what is stored and applies them, all or nothing.
     * @throws `definition.invalid`; `definition.destructive` unless `allowDestroy` is set.
     */
    apply: (input: ApplyInput) =>
      send<ApplyResult>({
        method: 'POST',
        path: '/v1/apply',
        body: { dryRun: false, allowDestroy: false, ...input },
        idempotent: true,
      }),
    definitions: {
      list: () => send<{ items: StoredDefinition[] }>({ method: 'GET', path: '/v1/definitions' }),
      get: <K extends DefinitionKind>(kind: K, name: string) =>
        send<DefinitionOf<K>>({ method: 'GET', path: path`/v1/definitions/${kind}/${name}` }),
    },
  }
}
