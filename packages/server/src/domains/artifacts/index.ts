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
export { contentTypeOf } from './content-type.ts'
export { type Amount, type ArtifactGarbage, createArtifactGarbage } from './garbage.ts'
export { acceptStreams, requestBody, type SentFile, sendFile } from './http.ts'
export { folderOfUri, ownRoot } from './location.ts'
export { type ArtifactReader, createArtifactReader, type ReadableEntry, type ReadableFile } from './reader.ts'
export { artifactRoutes, uploadPartUrl } from './routes.ts'
export {
  type ArtifactSeals,
  type ArtifactService,
  type ArtifactUploads,
  createArtifactService,
} from './service.ts'
