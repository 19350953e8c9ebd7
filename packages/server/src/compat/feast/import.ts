import type { DefinitionService } from '../../domains/definitions/index.ts'
import type { FeastDeps } from './deps.ts'
import type { LeftOut } from './registry/left-out.ts'
import { readRegistry } from './registry/registry.ts'
import { translateRegistry } from './registry/translate.ts'

interface ImportInput {
  /** The registry file. */
  bytes: Uint8Array
  /** Needed if it holds several. */
  project: string | undefined
  dryRun: boolean
  allowDestroy: boolean
}

interface ImportResult {
  /** As Feast calls it; here its definitions belong to `feast:<project>`. */
  project: string
  changes: Awaited<ReturnType<DefinitionService['apply']>>['changes']
  /** `trains`: it is a feature service of here, too, which training sets can use. */
  services: { name: string; trains: boolean }[]
  leftOut: LeftOut[]
  applied: boolean
}

/**
 * Brings in the definitions of a Feast project, no values. May be repeated: what is gone from the registry goes, like
 * with an apply.
 * @throws `feast.registry_unreadable`, `feast.project_unclear`, `import.conflict`, and what an apply throws
 */
export async function importRegistry(
  { importedServices, definitions }: Pick<FeastDeps, 'importedServices' | 'definitions'>,
  { bytes, project: wanted, dryRun, allowDestroy }: ImportInput,
): Promise<ImportResult> {
  const translation = translateRegistry(readRegistry(bytes), wanted)
  const { project, services, leftOut } = translation
  const names = services.map(({ name }) => name)
  await importedServices.check(project, names)
  const { changes, applied } = await definitions.apply({
    project: `feast:${project}`,
    definitions: translation.definitions,
    bundle: null,
    dryRun,
    allowDestroy,
  })
  if (applied) await importedServices.replace(project, services)
  const native = new Set(
    translation.definitions.flatMap(({ kind, name }) => (kind === 'feature-service' ? [name] : [])),
  )
  return {
    project,
    changes,
    services: names.map((name) => ({ name, trains: native.has(name) })),
    leftOut,
    applied,
  }
}
