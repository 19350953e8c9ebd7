import type { ModelVersion } from '../../../domains/registry/index.ts'
import { orAbsent } from '../endpoint.ts'
import { fromRecord } from './entries.ts'

const statuses = {
  READY: 'READY',
  PENDING: 'PENDING_REGISTRATION',
  REJECTED: 'FAILED_REGISTRATION',
  FAILED: 'FAILED_REGISTRATION',
} as const

/** A version in a list: MLflow names its aliases only where one version is asked for. */
export function fromListedVersion(version: ModelVersion): object {
  return {
    name: version.model,
    version: String(version.version),
    creation_timestamp: version.createdAt,
    last_updated_timestamp: version.updatedAt,
    user_id: version.userId ?? undefined,
    current_stage: version.stage,
    description: version.description ?? '',
    source: version.source ?? version.storageLocation ?? '',
    run_id: version.lineage.run ?? '',
    status: statuses[version.status],
    status_message: version.status === 'READY' ? undefined : version.reason,
    tags: fromRecord(version.tags),
    run_link: version.runLink ?? '',
  }
}

export function fromVersion(version: ModelVersion): object {
  return { ...fromListedVersion(version), aliases: orAbsent(version.aliases) }
}
