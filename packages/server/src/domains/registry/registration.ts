import { fail } from '@millrace/protocol'
import { newId } from '../../kernel/ids.ts'
import { noteWebhookEvent } from '../webhooks/index.ts'
import { checkDescription, checkTags } from './entries.ts'
import { requireModel } from './lookup.ts'
import { readMlmodel } from './mlmodel.ts'
import type { ModelSpec } from './model-spec.ts'
import { addModel, changeModel } from './model-store.ts'
import type { GateResult, Lineage, ModelVersion, NewVersion } from './model-version.ts'
import { checkModelName } from './names.ts'
import type { RegistryContext } from './registry-context.ts'
import { resolveSource } from './source.ts'
import type { Db } from './tables.ts'
import { type ChangeKind, compareForLabel, nextLabel } from './version-label.ts'
import { findVersion, insertVersion, lastNumber, listVersions } from './version-store.ts'

/** A version of a model that is somewhere: in the artifacts of a run, a logged model, a bucket. */
export interface CreateVersionInput {
  model: string
  source: string
  runId?: string | null
  /** The logged model that it is; its run is taken if none is given. */
  modelId?: string | null
  runLink?: string | null
  description?: string | null
  userId?: string | null
  tags?: Record<string, string>
  /** Said to be the change since the version before; what is observed can only make it heavier. */
  change?: ChangeKind
}

/** A version that a pipeline of this platform trained and judged. */
export interface RegisterVersionInput {
  model: string
  /** The same key gives the same version. */
  key?: string
  manifest: string
  spec?: ModelSpec
  gate: GateResult
  lineage: Omit<Lineage, 'commit'>
  /** Path of the model's folder in the artifacts of the run. */
  path?: string
  tags?: Record<string, string>
}

export interface RegistrationService {
  /**
   * Adds the next version from a source. If the source is a model folder that this server can read, its digest is
   * kept and from then on its files cannot change.
   * @throws `model.not_found`, `model.source_invalid`, `model.entry_invalid`; `model.version_not_found`,
   *   `model.alias_not_found` for a source that names a version; `artifact.busy` while files are written
   */
  createVersion(input: CreateVersionInput): Promise<ModelVersion>
  /**
   * Adds the next version, and the model if needed: READY if its gate was passed, else REJECTED with the gate's reason.
   * @throws `model.name_invalid`; `model.registration_conflict` if the key was used for another content
   */
  registerVersion(input: RegisterVersionInput): Promise<ModelVersion>
}

const commitTag = 'mlflow.source.git.commit'
const promptTag = 'mlflow.prompt.is_prompt'
const nowhere = { spec: null, digest: null, seal: null }

/** A prompt is all in its tags: what its client gives as source is no place. */
function promptSource({ source, runId = null, modelId = null }: CreateVersionInput) {
  return { source, storageLocation: null, runId, modelId }
}

export function createRegistrationService(
  context: RegistryContext,
  resolve: (reference: string) => Promise<ModelVersion>,
): RegistrationService {
  const { db, clock, links, audit, unseal } = context

  /** Reads what the files tell, and seals them if they are a model folder. */
  async function takeFolder(location: string | null, model: string) {
    const folder = location === null ? undefined : await links.openFolder(location)
    if (!folder) return nowhere
    const facts = await readMlmodel(folder)
    const seal = facts ? `a version of the model ${model} (${newId('seal')})` : null
    if (seal !== null) await folder.seal(seal)
    const { digest, files } = await folder.digest()
    return { spec: facts?.spec ?? null, digest: files === 0 ? null : digest, seal }
  }

  /** Adds the version that `read` gives, unless that finds one that is there already. */
  async function add(
    added: NewVersion,
    begin: (trx: Db) => Promise<ModelVersion | undefined>,
  ): Promise<{ version: ModelVersion; isNew: boolean }> {
    const seals =
      added.seal !== null && added.storageLocation !== null
        ? [{ seal: added.seal, storageLocation: added.storageLocation }]
        : []
    try {
      const result = await db.transaction(async (trx: Db) => {
        const existing = await begin(trx)
        if (existing) return { version: existing, isNew: false }
        return { version: await addNext(trx, added), isNew: true }
      })
      if (!result.isNew) await unseal(seals)
      return result
    } catch (error) {
      await unseal(seals)
      throw error
    }
  }

  async function addNext(trx: Db, added: NewVersion): Promise<ModelVersion> {
    const { model, lineage, tags } = added
    const now = clock.now()
    const last = await lastNumber(trx, model)
    const [before] = await listVersions(trx, model, { offset: 0, limit: 1 })
    const change = compareForLabel(
      { spec: added.spec, definitions: lineage.definitions },
      before && { version: before.version, spec: before.spec, definitions: before.lineage.definitions },
      added.declared,
    )
    const version = (last?.version ?? 0) + 1
    await insertVersion(trx, { ...added, version, label: nextLabel(last?.label, change.kind), change, now })
    await changeModel(trx, model, { updated_at: now })
    const { source, description } = added
    await noteWebhookEvent(trx, {
      entity: 'MODEL_VERSION',
      action: 'CREATED',
      at: now,
      data: { name: model, version: String(version), source, run_id: lineage.run, tags, description },
    })
    return (await findVersion(trx, { model, version })) as ModelVersion
  }

  async function announce(version: ModelVersion): Promise<void> {
    const { model, status, reason, manifest, label, source } = version
    await audit('model.registered', {
      model,
      version: version.version,
      label,
      status,
      reason,
      manifest,
      source,
    })
  }

  return {
    async createVersion(input) {
      const { model, tags = {}, description = null, userId = null, runLink = null } = input
      checkDescription(model, description)
      checkTags(model, tags)
      await requireModel(db.tables(), model)
      const resolved =
        tags[promptTag] === 'true' ? promptSource(input) : await resolveSource(input, { links, resolve })
      const folder = await takeFolder(resolved.storageLocation, model)
      const run = resolved.runId === null ? undefined : await links.findRun(resolved.runId)
      const { version } = await add(
        {
          ...resolved,
          ...folder,
          model,
          status: 'READY',
          reason: '',
          runLink,
          description,
          userId,
          manifest: null,
          gate: null,
          tags,
          lineage: {
            run: resolved.runId,
            trainingSet: null,
            datasets: [],
            definitions: {},
            bundles: [],
            commit: run?.tags[commitTag] ?? null,
          },
          declared: input.change,
        },
        async (trx) => {
          await requireModel(trx, model)
          return undefined
        },
      )
      if (version.modelId !== null) await links.noteRegistration(version.modelId, version)
      await announce(version)
      return version
    },
    async registerVersion({ model, key, manifest, spec, gate, lineage, path, tags = {} }) {
      checkModelName(model)
      const findRegistered = async (from: Db): Promise<ModelVersion | undefined> => {
        const existing = key === undefined ? undefined : await findVersion(from, { key })
        if (!existing || (existing.model === model && existing.manifest === manifest)) return existing
        throw fail('model.registration_conflict', { key, model: existing.model, version: existing.version })
      }
      const existing = await findRegistered(db.tables())
      if (existing) return existing
      const run = lineage.run === null ? undefined : await links.findRun(lineage.run)
      const source = run && path !== undefined ? `${run.artifactUri}/${path}` : null
      const folder = await takeFolder(source, model)
      const { version, isNew } = await add(
        {
          ...folder,
          model,
          key,
          status: gate.passed ? 'READY' : 'REJECTED',
          reason: gate.reason,
          source,
          storageLocation: source,
          runLink: null,
          modelId: null,
          description: null,
          userId: null,
          manifest,
          spec: spec ?? folder.spec,
          gate,
          tags,
          lineage: { ...lineage, commit: run?.tags[commitTag] ?? null },
        },
        async (trx) => {
          const registered = await findRegistered(trx)
          const now = clock.now()
          if (!registered) await addModel(trx, { name: model, description: null, userId: null, now })
          return registered
        },
      )
      if (isNew) await announce(version)
      return version
    },
  }
}
