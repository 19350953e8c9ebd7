export type {
  Artifact,
  ArtifactBody,
  ByteRange,
} from './artifact.ts'
export { boundsOf } from './artifact.ts'
export { type Amount, type ArtifactGarbage, createArtifactGarbage } from './garbage.ts'
export { acceptStreams, requestBody, sendFile } from './http.ts'
export { folderOfUri, ownRoot } from './location.ts'
export { type ArtifactReader, createArtifactReader, type ReadableEntry, type ReadableFile } from './reader.ts'
export { artifactRoutes, uploadPartUrl } from './routes.ts'
export { sendBody } from './sending.ts'
export { type ArtifactService, createArtifactService } from './service.ts'
