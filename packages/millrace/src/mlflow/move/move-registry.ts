import type { StoredModelVersion, StoredRegisteredModel } from '../store.ts'
import { attempts, type MoveContext } from './move-runs.ts'
import type { MoveTarget } from './target.ts'

/** Which versions go along: all, or those of the runs and logged models that were selected. */
export interface VersionSelection {
  includes(version: StoredModelVersion): boolean
  /** Models without such versions stay behind. */
  all: boolean
}

/** Copies the registry. @returns the names of the models that were copied */
export async function moveRegistry(context: MoveContext, selection: VersionSelection): Promise<string[]> {
  const { source, tally } = context
  const attempt = attempts(tally)
  const models: { model: StoredRegisteredModel; versions: StoredModelVersion[] }[] = []
  for await (const model of source.listRegisteredModels()) {
    const versions: StoredModelVersion[] = []
    let others = 0
    for await (const version of source.listModelVersions(model.name)) {
      if (selection.includes(version)) versions.push(version)
      else others++
    }
    if (others > 0) {
      const reason = 'they are of runs in experiments that were not selected'
      tally.leaveOut({ what: 'model versions', count: others, reason })
    }
    if (selection.all || versions.length > 0) models.push({ model, versions })
  }
  for (const { model, versions } of inOrderOfCopies(models)) {
    tally.found('registered models')
    tally.found('tags', Object.keys(model.tags).length)
    tally.found('model versions', versions.length)
    const numbers = new Set(versions.map(({ version }) => version))
    const aliases = Object.fromEntries(
      Object.entries(model.aliases).filter(([, version]) => numbers.has(version)),
    )
    tally.found('aliases', Object.keys(aliases).length)
    for (const { tags } of versions) tally.found('tags', Object.keys(tags).length)
    const { target } = context
    if (!target) continue
    await attempt(`model "${model.name}"`, () =>
      moveModel({ ...model, aliases }, versions, { ...context, target }),
    )
  }
  return models.map(({ model }) => model.name)
}

async function moveModel(
  model: StoredRegisteredModel,
  versions: readonly StoredModelVersion[],
  { target, tally, places }: MoveContext & { target: MoveTarget },
): Promise<void> {
  const attempt = attempts(tally)
  if ((await target.putModel(model)) !== 'unchanged') tally.written('registered models')
  for (const version of versions) {
    const where = `version ${version.version} of model "${model.name}"`
    const place = placeOf(version, places.find)
    if (place === undefined) {
      tally.differ(where, `its source ${version.source ?? '(none)'} is not among what was copied`)
      continue
    }
    const outcome = await attempt(where, () => target.putVersion(version, place))
    if (outcome && outcome !== 'unchanged') tally.written('model versions')
  }
  if (model.deletedVersions.length > 0) await target.putDeletedVersions(model.name, model.deletedVersions)
  for (const [alias, version] of Object.entries(model.aliases)) {
    const outcome = await attempt(`alias "${alias}" of model "${model.name}"`, () =>
      target.putAliases(model.name, { [alias]: version }),
    )
    if (outcome && outcome !== 'unchanged') tally.written('aliases')
  }
  // Versions and aliases have touched its times.
  await target.putModel(model)
}

/** Where the files of a version are on the target: within what was copied, or where they have always been. */
export function placeOf(
  { source }: StoredModelVersion,
  find: (location: string) => string | undefined,
): string | undefined {
  if (source === null || source === '') return undefined
  if (/^(?:models|runs):\//.test(source)) return source
  const found = find(source)
  if (found !== undefined) return found
  return /^(?!file:|mlflow-artifacts:)[a-z][a-z0-9+.-]+:\/\//i.test(source) ? source : undefined
}

/** A version that is a copy of another model's comes after that one. */
function inOrderOfCopies<Model extends { model: StoredRegisteredModel; versions: StoredModelVersion[] }>(
  models: readonly Model[],
): Model[] {
  const ordered: Model[] = []
  const done = new Set<string>()
  let waiting = [...models]
  while (waiting.length > 0) {
    const ready = waiting.filter(({ model, versions }) =>
      versions.every(({ source }) => {
        const copied = /^models:\/([^/]+)\/\d+$/.exec(source ?? '')?.[1]
        return copied === undefined || copied === model.name || done.has(copied)
      }),
    )
    // Models that wait for each other, or for one that is not there: their versions will be refused by name.
    const next = ready.length > 0 ? ready : waiting
    for (const one of next) done.add(one.model.name)
    ordered.push(...next)
    waiting = waiting.filter((one) => !next.includes(one))
  }
  return ordered
}
