import type { Migration } from '../ports/database.ts'
import { definitionsMigration } from './0001-definitions.ts'
import { dataMigration } from './0002-data.ts'
import { featuresMigration } from './0003-features.ts'
import { trackingMigration } from './0004-tracking.ts'
import { registryMigration } from './0005-registry.ts'
import { pipelinesMigration } from './0006-pipelines.ts'
import { servingMigration } from './0007-serving.ts'
import { monitoringMigration } from './0008-monitoring.ts'
import { eventStreamMigration } from './0009-event-stream.ts'
import { trackingLifeCycleMigration } from './0010-tracking.ts'
import { artifactsMigration } from './0011-artifacts.ts'
import { registryPointersMigration } from './0012-registry.ts'
import { searchMigration } from './0013-search.ts'
import { garbageMigration } from './0014-garbage.ts'
import { pendingMetricsMigration } from './0015-pending-metrics.ts'
import { notesMigration } from './0016-notes.ts'
import { datasetPartsMigration } from './0017-dataset-parts.ts'
import { fileSetsMigration } from './0018-file-sets.ts'
import { featurePushesMigration } from './0019-feature-pushes.ts'
import { featureStreamsMigration } from './0020-feature-streams.ts'
import { feastServicesMigration } from './0021-feast-services.ts'
import { joinedDatasetsMigration } from './0022-joined-datasets.ts'
import { consistencyMigration } from './0023-consistency.ts'
import { fileSetTagsMigration } from './0024-file-set-tags.ts'
import { rejectedRowsMigration } from './0025-rejected-rows.ts'
import { datasetRetentionMigration } from './0026-dataset-retention.ts'
import { ingestTermsMigration } from './0027-ingest-terms.ts'
import { blobCollectionsMigration } from './0028-blob-collections.ts'
import { materializationMigration } from './0030-materialization.ts'
import { featureReadsMigration } from './0031-feature-reads.ts'
import { topicOffsetsMigration } from './0031-topic-offsets.ts'
import { pipelineSchedulesMigration } from './0032-pipeline-schedules.ts'

/** Every step of the schema, in order. Append only: what has been released is never changed. */
export const migrations: readonly Migration[] = [
  definitionsMigration,
  dataMigration,
  featuresMigration,
  trackingMigration,
  registryMigration,
  pipelinesMigration,
  servingMigration,
  monitoringMigration,
  eventStreamMigration,
  trackingLifeCycleMigration,
  artifactsMigration,
  registryPointersMigration,
  searchMigration,
  garbageMigration,
  pendingMetricsMigration,
  notesMigration,
  datasetPartsMigration,
  fileSetsMigration,
  featurePushesMigration,
  featureStreamsMigration,
  feastServicesMigration,
  joinedDatasetsMigration,
  consistencyMigration,
  fileSetTagsMigration,
  rejectedRowsMigration,
  datasetRetentionMigration,
  ingestTermsMigration,
  blobCollectionsMigration,
  materializationMigration,
  featureReadsMigration,
  topicOffsetsMigration,
  pipelineSchedulesMigration,
]
