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
export {
  type ArtifactSeals,
  type ArtifactService,
  type ArtifactUploads,
  createArtifactService,
} from './service.ts'
