export * from './errors.ts'
export * from './platform-error.ts'
