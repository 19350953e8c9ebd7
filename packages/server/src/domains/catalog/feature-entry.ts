import type { ColumnType, Described, FeatureViewDefinition, OnDemandViewDefinition } from '@millrace/protocol'

/** One feature as it is found. What it does not say of itself, its view says for it. */
export interface FeatureEntry {
  view: string
  feature: string
  kind: 'feature-view' | 'on-demand-view'
  type: ColumnType
  /** Null for features that are computed on demand. */
  entity: string | null
  /** `count`, `mean` and so on; `last` for newest values; null for features that are computed on demand. */
  aggregate: string | null
  /** Length of the window, milliseconds. */
  windowMs: number | null
  description: string | null
  owner: string | null
  tags: Record<string, string>
}

type View = FeatureViewDefinition | OnDemandViewDefinition

export function entriesOf(view: View): FeatureEntry[] {
  return Object.entries(view.features).map(([feature, one]) => {
    const about: Described = view.about?.[feature] ?? {}
    const computed = typeof one === 'string'
    return {
      view: view.name,
      feature,
      kind: view.kind,
      type: computed ? one : one.type,
      entity: view.kind === 'feature-view' ? view.entity : null,
      aggregate: computed ? null : 'last' in one ? 'last' : one.aggregate,
      windowMs: computed || 'last' in one ? null : one.windowMs,
      description: about.description ?? null,
      owner: about.owner ?? view.owner ?? null,
      tags: { ...view.tags, ...about.tags },
    }
  })
}

export interface FeatureFilter {
  /** Words that all are to be found: in names, descriptions, owners, tags. */
  search?: string
  owner?: string
  /** `name=value`, or a name. */
  tags?: readonly string[]
  entity?: string
  view?: string
}

/** The features of the views that the filter lets through: those that are named so first, then by name. */
export function findFeatures(views: readonly View[], filter: FeatureFilter): FeatureEntry[] {
  const words = (filter.search ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const found: { entry: FeatureEntry; rank: number }[] = []
  for (const view of views) {
    if (filter.view !== undefined && filter.view !== view.name) continue
    for (const entry of entriesOf(view)) {
      const rank = matches(entry, filter) ? rankOf(entry, view.description ?? '', words) : undefined
      if (rank !== undefined) found.push({ entry, rank })
    }
  }
  return found
    .sort((a, b) => a.rank - b.rank || compare(nameOf(a.entry), nameOf(b.entry)))
    .map(({ entry }) => entry)
}

function matches({ owner, tags, entity }: FeatureEntry, filter: FeatureFilter): boolean {
  if (filter.owner !== undefined && filter.owner !== owner) return false
  if (filter.entity !== undefined && filter.entity !== entity) return false
  return (filter.tags ?? []).every((tag) => {
    const at = tag.indexOf('=')
    return at < 0 ? Object.hasOwn(tags, tag) : tags[tag.slice(0, at)] === tag.slice(at + 1)
  })
}

/** 0: it is called so, 1: all words are in its name, 2: somewhere; undefined: not all of them. */
function rankOf(entry: FeatureEntry, ofView: string, words: readonly string[]): number | undefined {
  const name = nameOf(entry).toLowerCase()
  if (words.length === 1 && (words[0] === name || words[0] === entry.feature.toLowerCase())) return 0
  if (words.every((word) => name.includes(word))) return 1
  const tags = Object.entries(entry.tags).map(([tag, value]) => `${tag}=${value}`)
  const texts = [name, entry.description, ofView, entry.owner, entry.entity, ...tags]
  const text = texts.join('\n').toLowerCase()
  return words.every((word) => text.includes(word)) ? 2 : undefined
}

function nameOf({ view, feature }: Pick<FeatureEntry, 'view' | 'feature'>): string {
  return `${view}:${feature}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
