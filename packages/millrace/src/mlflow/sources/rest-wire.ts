import { fail } from '@millrace/protocol/errors'
import type {
  Entries,
  LoggedModelMetric,
  RunStatus,
  StoredExperiment,
  StoredLoggedModel,
  StoredMetric,
  StoredModelVersion,
  StoredRegisteredModel,
  StoredRun,
} from '../store.ts'
import type { Json } from './rest-client.ts'
import { loggedModelOf } from './sqlite-registry.ts'

/** MLflow's messages as what is stored. Absent fields are null, absent lists empty. */

const text = (value: Json): string => String(value ?? '')
const textOrNull = (value: Json): string | null =>
  value === undefined || value === null ? null : String(value)
/** 64-bit numbers may come as text. */
const integer = (value: Json): number => Number(value ?? 0)
const integerOrNull = (value: Json): number | null =>
  value === undefined || value === null ? null : Number(value)
const entries = (list: Json): Entries =>
  Object.fromEntries((list ?? []).map((entry: Json) => [text(entry.key), text(entry.value)]))

export function experimentFromWire(wire: Json): StoredExperiment {
  return {
    id: text(wire.experiment_id),
    name: text(wire.name),
    artifactLocation: textOrNull(wire.artifact_location),
    lifecycle: wire.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    createdAt: integerOrNull(wire.creation_time),
    updatedAt: integerOrNull(wire.last_update_time),
    tags: entries(wire.tags),
  }
}

const runStatuses = new Set<Json>(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'])

export function runFromWire({ info = {}, data = {}, inputs = {}, outputs = {} }: Json): StoredRun {
  const id = text(info.run_id ?? info.run_uuid)
  if (!runStatuses.has(info.status)) {
    throw fail('mlflow.source_invalid', { where: `run ${id}`, reason: `status is ${info.status}` })
  }
  const tags = entries(data.tags)
  return {
    id,
    experimentId: text(info.experiment_id),
    name: text(info.run_name) || tags['mlflow.runName'] || '',
    user: textOrNull(info.user_id),
    status: info.status as RunStatus,
    startedAt: integerOrNull(info.start_time),
    endedAt: integerOrNull(info.end_time),
    lifecycle: info.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    // The protocol does not tell when.
    deletedAt: null,
    artifactUri: textOrNull(info.artifact_uri),
    params: entries(data.params),
    tags,
    metricKeys: (data.metrics ?? []).map((metric: Json) => text(metric.key)),
    datasets: (inputs.dataset_inputs ?? []).map(({ dataset, tags: inputTags }: Json) => ({
      name: text(dataset?.name),
      digest: text(dataset?.digest),
      sourceType: text(dataset?.source_type),
      source: text(dataset?.source),
      schema: textOrNull(dataset?.schema),
      profile: textOrNull(dataset?.profile),
      tags: entries(inputTags),
    })),
    modelInputs: (inputs.model_inputs ?? []).map((input: Json) => text(input.model_id)),
    modelOutputs: (outputs.model_outputs ?? []).map((output: Json) => ({
      model: text(output.model_id),
      step: integer(output.step),
    })),
  }
}

export function metricFromWire(wire: Json): StoredMetric {
  return {
    key: text(wire.key),
    value: Number(wire.value ?? 0),
    at: integer(wire.timestamp),
    step: integer(wire.step),
  }
}

const modelStatuses: Record<string, StoredLoggedModel['status']> = {
  LOGGED_MODEL_STATUS_UNSPECIFIED: 'PENDING',
  LOGGED_MODEL_PENDING: 'PENDING',
  LOGGED_MODEL_READY: 'READY',
  LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
}

export function loggedModelFromWire({ info = {}, data = {} }: Json): StoredLoggedModel {
  const id = text(info.model_id)
  const status = modelStatuses[text(info.status ?? 'LOGGED_MODEL_STATUS_UNSPECIFIED')]
  if (!status) {
    throw fail('mlflow.source_invalid', { where: `logged model ${id}`, reason: `status is ${info.status}` })
  }
  return {
    id,
    experimentId: text(info.experiment_id),
    name: text(info.name),
    type: textOrNull(info.model_type),
    sourceRun: textOrNull(info.source_run_id),
    artifactUri: textOrNull(info.artifact_uri),
    status,
    statusMessage: textOrNull(info.status_message),
    lifecycle: 'active',
    createdAt: integer(info.creation_timestamp_ms),
    updatedAt: integer(info.last_updated_timestamp_ms),
    params: entries(data.params),
    tags: entries(info.tags),
    metrics: (data.metrics ?? []).map(
      (metric: Json): LoggedModelMetric => ({
        ...metricFromWire(metric),
        run: text(metric.run_id),
        datasetName: textOrNull(metric.dataset_name),
        datasetDigest: textOrNull(metric.dataset_digest),
      }),
    ),
  }
}

export function registeredModelFromWire(wire: Json): StoredRegisteredModel {
  return {
    name: text(wire.name),
    description: textOrNull(wire.description) || null,
    createdAt: integer(wire.creation_timestamp),
    updatedAt: integer(wire.last_updated_timestamp),
    tags: entries(wire.tags),
    aliases: Object.fromEntries(
      (wire.aliases ?? []).map((entry: Json) => [text(entry.alias), integer(entry.version)]),
    ),
    // The protocol hides them.
    deletedVersions: [],
  }
}

export function modelVersionFromWire(wire: Json, storageLocation: string | null): StoredModelVersion {
  const source = textOrNull(wire.source)
  return {
    model: text(wire.name),
    version: integer(wire.version),
    description: textOrNull(wire.description) || null,
    user: textOrNull(wire.user_id) || null,
    stage: text(wire.current_stage) || 'None',
    source,
    storageLocation,
    run: textOrNull(wire.run_id) || null,
    runLink: textOrNull(wire.run_link) || null,
    loggedModel: textOrNull(wire.model_id) || loggedModelOf(source),
    status: text(wire.status) || 'READY',
    statusMessage: textOrNull(wire.status_message) || null,
    createdAt: integer(wire.creation_timestamp),
    updatedAt: integer(wire.last_updated_timestamp),
    tags: entries(wire.tags),
  }
}
