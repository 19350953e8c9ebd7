/** As MLflow's limits, so that everything can be read through its protocol. */
export const limits = {
  key: 250,
  param: 6000,
  tag: 8000,
  experimentTag: 5000,
  name: 500,
  location: 2048,
  user: 256,
  datasetName: 500,
  datasetDigest: 36,
  datasetSource: 65_535,
  datasetSchema: 1_048_575,
  datasetProfile: 16_777_215,
  inputTagKey: 255,
  inputTagValue: 500,
  params: 1000,
  tags: 1000,
  metrics: 10_000,
  inputs: 1000,
} as const

/** Why a text is no key of a parameter, tag or metric. */
export function keyProblem(key: string): string | undefined {
  if (typeof key !== 'string') return `${JSON.stringify(key)} is not a text`
  if (key.length === 0 || key.length > limits.key) return `a name has 1 to ${limits.key} characters`
  if (!/^[\p{L}\p{N}_/.\- :]+$/u.test(key)) return 'a name has letters, digits, space and _ / . - : only'
  if (key.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'a name has no empty part, "." or ".." between slashes'
  }
  return undefined
}

export function nameProblem(name: string): string | undefined {
  return typeof name === 'string' && name.trim() === '' ? 'it is empty' : textProblem(name, limits.name)
}

export function textProblem(value: string, longest: number): string | undefined {
  if (typeof value !== 'string') return `${JSON.stringify(value)} is not a text`
  if (value.includes('\0') || !value.isWellFormed()) return 'it holds characters that are not text'
  const length = lengthOf(value, longest)
  return length > longest ? `it has ${length} characters, at most ${longest} fit` : undefined
}

/** The beginning of a text, in characters as people count them. */
export function truncate(value: string, longest: number): string {
  return lengthOf(value, longest) > longest ? [...value].slice(0, longest).join('') : value
}

/** Characters beyond the basic plane are one, as in Python; counted only where it matters. */
function lengthOf(value: string, longest: number): number {
  return value.length > longest ? [...value].length : value.length
}
