export type {
  Artifact,
  ArtifactBody,
  ArtifactEntry,
  ArtifactUpload,
  ByteRange,
  FolderDigest,
  OpenedArtifact,
  PutArtifactOptions,
  UploadedPart,
} from './artifact.ts'
export type { ArtifactSeals, ArtifactService, ArtifactUploads } from './service.ts'
