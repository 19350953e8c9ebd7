import { type Definition, type DefinitionKind, type DefinitionOf, fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { createEvents, type Events } from '../../kernel/events.ts'
import { sha256 } from '../../kernel/hash.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import { createBundleLoader, type ProjectFunction } from './bundle.ts'
import type { Lookup } from './columns.ts'
import { changeOf, type DefinitionChange, parseDefinition, versionOf } from './definition.ts'
import { checkReferences } from './references.ts'
import {
  type DefinitionTables,
  deleteDefinition,
  findDefinition,
  findDefinitionVersion,
  listDefinitions,
  listDefinitionVersions,
  type StoredDefinition,
  saveDefinition,
} from './store.ts'

export interface ApplyInput {
  project: string
  definitions: unknown[]
  /** ESM source that holds the functions of the definitions, if they have any. */
  bundle: string | null
  dryRun: boolean
  allowDestroy: boolean
}

export interface ApplyResult {
  changes: DefinitionChange[]
  applied: boolean
  bundle: string | null
}

export interface DefinitionService {
  /** @throws `definition.not_found` */
  get<K extends DefinitionKind>(kind: K, name: string): Promise<DefinitionOf<K>>
  find<K extends DefinitionKind>(kind: K, name: string): Promise<DefinitionOf<K> | undefined>
  list<K extends DefinitionKind>(kind: K): Promise<DefinitionOf<K>[]>
  listStored(): Promise<StoredDefinition[]>
  /** All versions that ever were current. Times are milliseconds. */
  listVersions(kind: DefinitionKind): Promise<{ name: string; version: string; firstAppliedAt: number }[]>
  /** Content hash of the current definition. */
  version(kind: DefinitionKind, name: string): Promise<string>
  /**
   * A definition as it was when its content hash was `version`; every version that was ever applied is kept, also
   * after the definition was deleted.
   * @throws `definition.version_not_found`
   */
  getVersion<K extends DefinitionKind>(kind: K, name: string, version: string): Promise<DefinitionOf<K>>
  loadFunction(ref: { bundle: string }, kind: string, name: string): Promise<ProjectFunction>
  /**
   * Compares a project's definitions with what is stored and, unless `dryRun`, makes them so: all or nothing.
   * @throws `definition.invalid` for the first definition that is wrong; `definition.destructive` if something
   * would be removed or broken and `allowDestroy` is not set.
   */
  apply(input: ApplyInput): Promise<ApplyResult>
  readonly events: Events<{ applied: { changes: DefinitionChange[] } }>
}

export interface DefinitionDeps {
  db: Database
  content: ContentStore
  stream: EventStream
  clock: Clock
  /** Folder for the loaded copies of code bundles. */
  bundleDir: string
  /** Further checks by the domains that own a kind, e.g. the graph of a pipeline. */
  validators: readonly ((definition: Definition, find: Lookup) => Promise<void> | void)[]
}

export function createDefinitionService(deps: DefinitionDeps): DefinitionService {
  const tables = () => deps.db.tables<DefinitionTables>()
  const loadFunction = createBundleLoader({ dir: deps.bundleDir, getBytes: deps.content.getBytes })
  const events = createEvents<{ applied: { changes: DefinitionChange[] } }>()

  async function find<K extends DefinitionKind>(kind: K, name: string) {
    return (await findDefinition(tables(), kind, name))?.definition as DefinitionOf<K> | undefined
  }
  async function get<K extends DefinitionKind>(kind: K, name: string) {
    const found = await find(kind, name)
    if (!found) throw fail('definition.not_found', { kind, name })
    return found
  }

  /** Plans against a consistent read of the stored definitions. */
  async function plan(input: ApplyInput, stored: StoredDefinition[]) {
    const wanted = new Map<string, Definition>()
    for (const candidate of input.definitions) {
      const definition = parseDefinition(candidate)
      const id = `${definition.kind}/${definition.name}`
      if (wanted.has(id)) {
        throw fail('definition.invalid', {
          kind: definition.kind,
          name: definition.name,
          reason: 'it is defined twice',
        })
      }
      wanted.set(id, definition)
    }
    const before = new Map(stored.map((s) => [`${s.definition.kind}/${s.definition.name}`, s]))
    for (const [id, definition] of wanted) {
      const owner = before.get(id)?.project
      if (owner !== undefined && owner !== input.project) {
        throw fail('definition.invalid', {
          kind: definition.kind,
          name: definition.name,
          reason: `it belongs to the project "${owner}"; choose another name or apply it from there`,
        })
      }
    }
    const after = new Map(
      [...before].filter(([, s]) => s.project !== input.project).map(([id, s]) => [id, s.definition]),
    )
    for (const [id, definition] of wanted) after.set(id, definition)
    const lookup = ((kind, name) => after.get(`${kind}/${name}`)) as Lookup
    for (const definition of wanted.values()) {
      checkReferences(definition, lookup)
      for (const validate of deps.validators) await validate(definition, lookup)
    }
    const mine = [...before].filter(([, s]) => s.project === input.project)
    const changes = [...wanted].map(([id, definition]) => changeOf(before.get(id)?.definition, definition))
    for (const [id, s] of mine) if (!wanted.has(id)) changes.push(changeOf(s.definition, undefined))
    return { changes, wanted }
  }

  async function checkBundle(input: ApplyInput, wanted: Map<string, Definition>) {
    const digest = input.bundle === null ? null : sha256(input.bundle)
    for (const definition of wanted.values()) {
      for (const ref of bundlesOf(definition)) {
        if (ref !== digest && !(await deps.content.has(ref))) {
          throw fail('definition.invalid', {
            kind: definition.kind,
            name: definition.name,
            reason: `its code bundle ${ref.slice(0, 12)} was not sent with the request`,
          })
        }
      }
    }
    return digest
  }

  return {
    events,
    find,
    get,
    loadFunction,
    async list(kind) {
      return (await listDefinitions(tables(), kind)).map((s) => s.definition) as never
    },
    listStored: () => listDefinitions(tables()),
    listVersions: (kind) => listDefinitionVersions(tables(), kind),
    async version(kind, name) {
      return versionOf(await get(kind, name))
    },
    async getVersion(kind, name, version) {
      const found = await findDefinitionVersion(tables(), kind, { name, version })
      if (!found) throw fail('definition.version_not_found', { kind, name, version })
      return found as never
    },
    async apply(input) {
      const preview = await plan(input, await listDefinitions(tables()))
      const bundle = await checkBundle(input, preview.wanted)
      const destructive = preview.changes.filter((c) => c.destructive)
      if (input.dryRun) return { changes: preview.changes, applied: false, bundle }
      if (destructive.length > 0 && !input.allowDestroy) {
        throw fail('definition.destructive', {
          changes: destructive
            .map((c) => `${c.action} ${c.kind} "${c.name}"${c.fields ? ` (${c.fields.join(', ')})` : ''}`)
            .join(', '),
        })
      }
      if (input.bundle !== null) await deps.content.putBytes(Buffer.from(input.bundle, 'utf8'))
      const changes = await deps.db.transaction<DefinitionTables, DefinitionChange[]>(async (trx) => {
        // Planned again inside the transaction: somebody else may have applied since the preview.
        const now = await plan(input, await listDefinitions(trx))
        if (now.changes.some((c) => c.destructive) && !input.allowDestroy) {
          throw fail('storage.conflict', { what: `The project "${input.project}"` })
        }
        for (const change of now.changes) {
          if (change.action === 'delete') await deleteDefinition(trx, change.kind, change.name)
          if (change.action !== 'create' && change.action !== 'update') continue
          const definition = now.wanted.get(`${change.kind}/${change.name}`)
          if (definition)
            await saveDefinition(trx, { definition, project: input.project, now: deps.clock.now() })
        }
        return now.changes
      })
      const real = changes.filter((c) => c.action !== 'unchanged')
      if (real.length > 0) {
        await deps.stream.append('audit', [
          {
            type: 'definitions.applied',
            at: deps.clock.now(),
            data: { project: input.project, changes: real, bundle },
          },
        ])
        await events.emit('applied', { changes: real })
      }
      return { changes, applied: true, bundle }
    },
  }
}

function bundlesOf(definition: Definition): string[] {
  if (definition.kind === 'on-demand-view') return [definition.code.bundle]
  if (definition.kind === 'dataset')
    return definition.source.format === 'function' ? [definition.source.code.bundle] : []
  if (definition.kind === 'pipeline')
    return definition.nodes.flatMap((node) => (node.code ? [node.code.bundle] : []))
  return []
}
