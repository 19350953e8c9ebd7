import type { OnlineSelection } from '../../domains/features/index.ts'
import type { FeastDeps } from './deps.ts'

/** The join keys that there are. */
export interface JoinKeys {
  all: ReadonlySet<string>
  /** Entities of one key may also be called by their name. */
  byEntity: ReadonlyMap<string, string>
}

/** Finds the join keys, once for each selection that is open. */
export function createKeyFinder({ definitions }: Pick<FeastDeps, 'definitions'>) {
  const known = new WeakMap<OnlineSelection, Promise<JoinKeys>>()
  return (selection: OnlineSelection): Promise<JoinKeys> => {
    let finding = known.get(selection)
    if (!finding) {
      finding = definitions.list('entity').then((entities) => ({
        all: new Set(entities.flatMap(({ key }) => Object.keys(key))),
        byEntity: new Map(
          entities.flatMap(({ name, key }): [string, string][] => {
            const columns = Object.keys(key)
            return columns.length === 1 ? [[name, columns[0]]] : []
          }),
        ),
      }))
      known.set(selection, finding)
      finding.catch(() => known.delete(selection))
    }
    return finding
  }
}
