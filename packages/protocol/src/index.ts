export * from './definitions.ts'
export * from './described.ts'
export {
  type ErrorBody,
  type ErrorCode,
  errorCatalogue,
  fail,
  isPlatformError,
  PlatformError,
} from './errors.ts'
export * from './expectations.ts'
export { checkFilePath, compareFilePaths, incomingFolder } from './file-path.ts'
export * from './ranges.ts'
export type { EndpointRef } from './refs.ts'
export * from './schema.ts'
export * from './source.ts'
export * from './training-set.ts'
