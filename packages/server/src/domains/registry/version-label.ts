import type { ModelSpec } from './model-spec.ts'

/** From the heaviest to the lightest: they raise the first, the second and the last number of the label. */
export const changeKinds = ['architecture', 'features', 'data'] as const
export type ChangeKind = (typeof changeKinds)[number]

/** What sets a version apart from the one before it. */
export interface VersionChange {
  /** The heavier one of what was observed and what was declared. */
  kind: ChangeKind
  /** What was compared with; null for the first version. */
  since: number | null
  /** What was given at registration. */
  declared: ChangeKind | null
  /** What differs, in words. */
  details: string[]
}

/** What is compared of two versions of a model. */
export interface Observed {
  spec: ModelSpec | null
  /** Content hashes of the feature definitions. */
  definitions: Readonly<Record<string, string>>
}

/**
 * Compares a version with the one before it: another algorithm, outputs or parameters of the signature is a change of
 * architecture, other inputs or feature definitions one of features, anything else one of data (or parameters of
 * training) only. What is unknown of either counts as equal. A declared change can only make it heavier.
 */
export function compareForLabel(
  after: Observed,
  before: (Observed & { version: number }) | undefined,
  declared?: ChangeKind,
): VersionChange {
  const architecture: string[] = []
  const features: string[] = []
  if (before?.spec && after.spec) {
    const [old, now] = [before.spec, after.spec]
    differs(architecture, 'algorithm', old.algorithm, now.algorithm)
    if (old.signature && now.signature) {
      differs(architecture, 'outputs', old.signature.outputs, now.signature.outputs)
      differs(architecture, 'params', old.signature.params, now.signature.params)
      differs(features, 'inputs', old.signature.inputs, now.signature.inputs)
    } else if (old.signature || now.signature) {
      architecture.push(now.signature ? 'it has a signature now' : 'it has no signature any more')
    }
  }
  const known = (of: Observed) => Object.keys(of.definitions).length > 0
  if (before && known(before) && known(after)) {
    for (const name of changedKeys(before.definitions, after.definitions)) features.push(`definition ${name}`)
  }
  const observed: ChangeKind =
    architecture.length > 0 ? 'architecture' : features.length > 0 ? 'features' : 'data'
  const kind = declared === undefined ? observed : heavier(declared, observed)
  return {
    kind,
    since: before?.version ?? null,
    declared: declared ?? null,
    details: [...architecture, ...features],
  }
}

/** The label after the highest one so far; `1.0.0` if there is none. */
export function nextLabel(highest: string | undefined, kind: ChangeKind): string {
  if (highest === undefined) return '1.0.0'
  const [major, minor, patch] = highest.split('.').map(Number)
  if (kind === 'architecture') return `${major + 1}.0.0`
  return kind === 'features' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

/** Names whose values differ or that only one side has, in order. */
function changedKeys(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .sort()
}

function differs(into: string[], what: string, before: unknown, after: unknown): void {
  const [old, now] = [JSON.stringify(before), JSON.stringify(after)]
  if (old !== now) into.push(`${what}: ${shorten(old)} became ${shorten(now)}`)
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function heavier(a: ChangeKind, b: ChangeKind): ChangeKind {
  return changeKinds.indexOf(a) <= changeKinds.indexOf(b) ? a : b
}
