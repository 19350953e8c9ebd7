export { type BlobStore, createBlobStore } from './blobs/blob-store.ts'
export { fileSetRoutes } from './routes.ts'
export { createFileSetService, type FileSetService } from './service.ts'
