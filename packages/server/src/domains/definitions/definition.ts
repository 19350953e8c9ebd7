import {
  DatasetDefinition,
  type Definition,
  type DefinitionKind,
  EndpointDefinition,
  EntityDefinition,
  FeatureServiceDefinition,
  FeatureViewDefinition,
  fail,
  MonitorDefinition,
  OnDemandViewDefinition,
  PipelineDefinition,
  TrainingSetDefinition,
} from '@millrace/protocol'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'

const schemas: Record<DefinitionKind, TSchema> = {
  dataset: DatasetDefinition,
  entity: EntityDefinition,
  'feature-view': FeatureViewDefinition,
  'on-demand-view': OnDemandViewDefinition,
  'feature-service': FeatureServiceDefinition,
  'training-set': TrainingSetDefinition,
  endpoint: EndpointDefinition,
  monitor: MonitorDefinition,
  pipeline: PipelineDefinition,
}

export const definitionKinds = Object.keys(schemas) as DefinitionKind[]

/**
 * The content hash of a definition: equal meaning, equal version. Where a dataset's file lies is no part of it — the
 * content of the file names the version — so a project means the same in every folder. Nor is what it says to people:
 * models stay pinned, and online values stay where they are, when a description is mended, reads are logged,
 * or fewer versions are kept.
 */
export function versionOf(definition: Definition): string {
  return sha256(canonicalJson(meaningOf(definition))).slice(0, 16)
}

const withoutMeaning = new Set(['description', 'owner', 'tags', 'about', 'logReads', 'keep', 'watch'])

function meaningOf(definition: Definition): object {
  const fields = Object.entries(definition).filter(([field]) => !withoutMeaning.has(field))
  const meaning = Object.fromEntries(fields)
  if (definition.kind !== 'dataset' || !('path' in definition.source)) return meaning
  const { path, ...source } = definition.source
  return { ...meaning, source }
}

/**
 * Checks the shape of something that claims to be a definition.
 * @throws `definition.invalid` naming the kind, the name and the field.
 */
export function parseDefinition(candidate: unknown): Definition {
  const { kind, name } = (candidate ?? {}) as { kind?: unknown; name?: unknown }
  const schema = typeof kind === 'string' ? schemas[kind as DefinitionKind] : undefined
  if (!schema) {
    throw fail('definition.invalid', {
      kind: String(kind),
      name: String(name),
      reason: `the kind must be one of ${definitionKinds.join(', ')}`,
    })
  }
  if (!Value.Check(schema, candidate)) {
    const [first] = Value.Errors(schema, candidate)
    const field = first?.instancePath.slice(1).replaceAll('/', '.') || 'the definition'
    throw fail('definition.invalid', {
      kind,
      name: String(name),
      reason: `${field} ${first?.message ?? 'is wrong'}`,
    })
  }
  return candidate as Definition
}

export interface DefinitionChange {
  action: 'create' | 'update' | 'delete' | 'unchanged'
  kind: DefinitionKind
  name: string
  /** Top-level fields that differ, for `update`. */
  fields?: string[]
  /** An `update` that changes nothing of what it means: the version stays. */
  sameVersion?: true
  destructive: boolean
}

/** What applying `after` over `before` would do to one definition. */
export function changeOf(before: Definition | undefined, after: Definition | undefined): DefinitionChange {
  const one = after ?? before
  if (!one) throw new TypeError('changeOf needs at least one definition')
  const { kind, name } = one
  if (!before) return { action: 'create', kind, name, destructive: false }
  if (!after) return { action: 'delete', kind, name, destructive: true }
  const fields = changedFields(before, after)
  if (fields.length === 0) return { action: 'unchanged', kind, name, destructive: false }
  const sameVersion = versionOf(before) === versionOf(after)
  return {
    action: 'update',
    kind,
    name,
    fields,
    ...(sameVersion && { sameVersion }),
    destructive: isIncompatible(before, after),
  }
}

function changedFields(before: Definition, after: Definition): string[] {
  const a = before as Record<string, unknown>
  const b = after as Record<string, unknown>
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names]
    .filter((field) => canonicalJson(a[field] ?? null) !== canonicalJson(b[field] ?? null))
    .sort()
}

/** A change is incompatible if clients, stored rows or running models that relied on the old one break. */
function isIncompatible(before: Definition, after: Definition): boolean {
  switch (before.kind) {
    case 'dataset':
      return (
        after.kind === 'dataset' &&
        (losesColumns(before.schema, after.schema) ||
          losesColumns(textsOf(before.derived), textsOf(after.derived)))
      )
    case 'entity':
      return after.kind === 'entity' && canonicalJson(before.key) !== canonicalJson(after.key)
    case 'feature-view':
      return (
        after.kind === 'feature-view' &&
        (before.entity !== after.entity || losesColumns(typesOf(before.features), typesOf(after.features)))
      )
    case 'on-demand-view':
      return (
        after.kind === 'on-demand-view' &&
        (losesColumns(before.features, after.features) || changesTypes(before.input, after.input))
      )
    case 'feature-service':
      return (
        after.kind === 'feature-service' &&
        (before.timestamp !== after.timestamp ||
          canonicalJson(before.request) !== canonicalJson(after.request))
      )
    case 'endpoint':
      return after.kind === 'endpoint' && (before.model !== after.model || before.service !== after.service)
    default:
      return false
  }
}

function typesOf(features: Record<string, { type: string }>): Record<string, string> {
  return Object.fromEntries(Object.entries(features).map(([name, { type }]) => [name, type]))
}

/** Derived columns by what they mean: features of live revisions may be sums of them. */
function textsOf(derived: Record<string, object>): Record<string, string> {
  return Object.fromEntries(Object.entries(derived).map(([name, one]) => [name, canonicalJson(one)]))
}

/** No request suits both, and live revisions keep what they were trained with. */
function changesTypes(before: Record<string, string>, after: Record<string, string>): boolean {
  return Object.entries(before).some(([name, type]) => name in after && after[name] !== type)
}

function losesColumns(before: Record<string, string>, after: Record<string, string>): boolean {
  return Object.entries(before).some(([name, type]) => after[name] !== type)
}
