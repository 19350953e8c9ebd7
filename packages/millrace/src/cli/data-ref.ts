import { usageError } from './usage-error.ts'

/** `name`, or `name@version`, where a version is its id, the beginning of it, a tag, or `latest`. */
export function parseDataRef(text: string): { fileSet: string; version: string } {
  const { name, version } = parseRef(text)
  return { fileSet: name, version }
}

/** As {@link parseDataRef}, of a dataset or a file set; a tag may also follow a colon. */
export function parseRef(text: string): { name: string; version: string } {
  const [, name, version = 'latest'] = /^([^@:]+)(?:[@:]([^@:]+))?$/.exec(text) ?? []
  if (name === undefined) throw usageError(`"${text}" is no name such as images or images@3f2a`)
  return { name, version }
}
