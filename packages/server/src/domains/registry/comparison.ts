import type { RegistryLinks } from './links.ts'
import type { ModelField } from './model-spec.ts'
import type { ModelVersion } from './model-version.ts'
import { compareForLabel, type VersionChange } from './version-label.ts'

/** One entry of both; null where it is missing. */
export interface Difference<Value> {
  key: string
  left: Value | null
  right: Value | null
  same: boolean
}

type Side = Pick<ModelVersion, 'model' | 'version' | 'label' | 'source' | 'digest' | 'createdAt'> & {
  run: string | null
  commit: string | null
}

/** Two versions side by side. Entries are in the order of their keys. */
export interface VersionComparison {
  left: Side
  right: Side
  /** The same files, byte for byte; null if a digest is missing. */
  sameFiles: boolean | null
  /** What the right one would be called as a change of the left one. */
  change: VersionChange
  metrics: Difference<number>[]
  params: Difference<string>[]
  tags: Difference<string>[]
  algorithm: Difference<string>[]
  /** Types by name. */
  inputs: Difference<string>[]
  outputs: Difference<string>[]
  /** Content hashes of feature definitions by `kind/name`. */
  features: Difference<string>[]
  /** Versions of datasets by name. */
  datasets: Difference<string>[]
}

/** Reads what runs and logged models know of both, and compares. */
export async function compareVersions(
  left: ModelVersion,
  right: ModelVersion,
  links: Pick<RegistryLinks, 'findRun' | 'findLoggedModel'>,
): Promise<VersionComparison> {
  const [a, b] = await Promise.all([measure(left, links), measure(right, links)])
  const entries = <Value>(of: (version: ModelVersion) => Record<string, Value>) =>
    differences(of(left), of(right))
  const fields = (part: 'inputs' | 'outputs') => (version: ModelVersion) =>
    typesOf(version.spec?.signature?.[part] ?? [])
  const observed = (version: ModelVersion) => ({
    version: version.version,
    spec: version.spec,
    definitions: version.lineage.definitions,
  })
  return {
    left: sideOf(left),
    right: sideOf(right),
    sameFiles: left.digest === null || right.digest === null ? null : left.digest === right.digest,
    change: compareForLabel(observed(right), observed(left)),
    metrics: differences(a.metrics, b.metrics),
    params: differences(a.params, b.params),
    tags: entries((version) => version.tags),
    algorithm: entries((version) =>
      Object.fromEntries((version.spec?.algorithm ?? []).map((name) => [name, name])),
    ),
    inputs: entries(fields('inputs')),
    outputs: entries(fields('outputs')),
    features: entries((version) => version.lineage.definitions),
    datasets: entries((version) =>
      Object.fromEntries(version.lineage.datasets.map((ref) => [ref.dataset, ref.version])),
    ),
  }
}

async function measure(
  version: ModelVersion,
  links: Pick<RegistryLinks, 'findRun' | 'findLoggedModel'>,
): Promise<{ metrics: Record<string, number>; params: Record<string, string> }> {
  const { lineage, modelId, gate } = version
  const run = lineage.run === null ? undefined : await links.findRun(lineage.run)
  const logged = modelId === null ? undefined : await links.findLoggedModel(modelId)
  return {
    metrics: { ...run?.metrics, ...logged?.metrics, ...gate?.metrics },
    params: { ...run?.params, ...logged?.params },
  }
}

function differences<Value>(left: Record<string, Value>, right: Record<string, Value>): Difference<Value>[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort().map((key) => {
    const [a, b] = [left[key] ?? null, right[key] ?? null]
    return { key, left: a, right: b, same: Object.is(a, b) }
  })
}

function typesOf(fields: readonly ModelField[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, type }) => [name, type]))
}

function sideOf(version: ModelVersion): Side {
  const { model, version: number, label, source, digest, createdAt, lineage } = version
  return {
    model,
    version: number,
    label,
    source,
    digest,
    createdAt,
    run: lineage.run,
    commit: lineage.commit,
  }
}
