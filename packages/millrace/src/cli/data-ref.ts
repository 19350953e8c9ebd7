import { usageError } from './usage-error.ts'

/** `name`, or `name@version`, where a version is its id, the beginning of it, or `latest`. */
export function parseDataRef(text: string): { fileSet: string; version: string } {
  const [, fileSet, version = 'latest'] = /^([^@]+)(?:@([^@]+))?$/.exec(text) ?? []
  if (fileSet === undefined) throw usageError(`"${text}" is no name such as images or images@3f2a`)
  return { fileSet, version }
}
