import { type Definition, fail } from '@millrace/protocol'
import type { ImportedService } from '../../../domains/imports/index.ts'
import { type LeftOut, orLeaveOut } from './left-out.ts'
import type { FeastRegistry } from './registry.ts'
import { nativeService, translateService } from './services.ts'
import { createDatasets } from './sources.ts'
import { createEntities, translateView } from './views.ts'

interface Translation {
  project: string
  definitions: Definition[]
  services: ImportedService[]
  leftOut: LeftOut[]
}

/**
 * A project of a Feast registry in the definitions of this platform. What has no place here is left out, with the
 * reason.
 * @param name needed if the registry holds several projects
 * @throws `feast.project_unclear`
 */
export function translateRegistry(registry: FeastRegistry, name?: string): Translation {
  const project = findProject(registry, name)
  const mine = <T extends { project?: string }>(items: readonly { spec?: T }[]): T[] =>
    items.flatMap(({ spec }) => (spec?.project === project ? [spec] : []))
  const leftOut: LeftOut[] = []
  const entities = createEntities(registry.entities.filter(({ spec }) => spec?.project === project))
  const datasets = createDatasets()

  const views = mine(registry.featureViews).flatMap((view) => {
    const of = { kind: 'feature view', name: view.name ?? '' }
    return orLeaveOut(leftOut, of, () => translateView(view, { entities, datasets, leftOut })) ?? []
  })
  const viewsByName = new Map(views.map((view) => [view.name, view]))
  const python = (kind: string, name = '', called?: string) => {
    const which = called ? ` "${called}"` : ''
    leftOut.push({
      kind,
      name,
      reason: `its Python function${which} is not run here: write it as an on-demand view`,
    })
  }
  for (const { name, userFunction, transformation } of mine(registry.onDemandViews))
    python('on-demand feature view', name, userFunction?.name || transformation?.userFunction?.name)
  for (const { name, userFunction, transformation } of mine(registry.streamViews))
    python('stream feature view', name, userFunction?.name || transformation?.userFunction?.name)

  const services: ImportedService[] = []
  const native: Definition[] = []
  for (const spec of mine(registry.services)) {
    const of = { kind: 'feature service', name: spec.name ?? '' }
    const service = orLeaveOut(leftOut, of, () => translateService(spec, viewsByName))
    if (!service) continue
    services.push(service)
    const definition = nativeService(spec, viewsByName)
    if (definition) native.push(definition)
  }
  const others: [string, { name?: string }[]][] = [
    ['label view', mine(registry.labelViews)],
    ['saved dataset', mine(registry.savedDatasets)],
    ['permission', mine(registry.permissions)],
  ]
  for (const [kind, items] of others) {
    for (const { name = '' } of items) leftOut.push({ kind, name, reason: 'it is not moved' })
  }
  return {
    project,
    definitions: [...datasets.all(), ...entities.all(), ...views, ...native],
    services,
    leftOut,
  }
}

function findProject(registry: FeastRegistry, wanted: string | undefined): string {
  const all = [...registry.entities, ...registry.featureViews, ...registry.services]
  const projects = [...new Set(all.flatMap(({ spec }) => spec?.project ?? []))].sort()
  const [first, ...others] = projects
  if (wanted === undefined && first !== undefined && others.length === 0) return first
  if (wanted !== undefined && projects.includes(wanted)) return wanted
  throw fail('feast.project_unclear', {
    reason: wanted === undefined ? 'it has not just one' : `it has no "${wanted}"`,
    projects: projects.join(', ') || 'none',
  })
}
