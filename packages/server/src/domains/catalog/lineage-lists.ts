import type { DefinitionKind, DefinitionOf } from '@millrace/protocol'
import type { LineageDeps } from './lineage-deps.ts'

/**
 * The same, but what lists all there is reads it once: nodes of one lineage ask for the same lists again and again, and
 * get them as they were when the first one asked.
 */
export function listOnce(deps: LineageDeps): LineageDeps {
  const lists = new Map<DefinitionKind, Promise<unknown>>()
  let materializations: ReturnType<LineageDeps['features']['listMaterializations']> | undefined
  return {
    ...deps,
    definitions: {
      ...deps.definitions,
      list<K extends DefinitionKind>(kind: K) {
        const list = lists.get(kind) ?? deps.definitions.list(kind)
        lists.set(kind, list)
        return list as Promise<DefinitionOf<K>[]>
      },
    },
    features: {
      ...deps.features,
      listMaterializations() {
        materializations ??= deps.features.listMaterializations()
        return materializations
      },
    },
  }
}
