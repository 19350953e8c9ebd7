export * from './definitions.ts'
export {
  type ErrorBody,
  type ErrorCode,
  errorCatalogue,
  fail,
  isPlatformError,
  PlatformError,
} from './errors.ts'
export * from './schema.ts'
