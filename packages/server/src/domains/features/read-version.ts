/** What logged reads are of: a feature service at the versions of its definitions, or one feature view of it alone. */
export interface ReadsOf {
  /** Names the versions of all definitions. */
  version: string
  view?: string | undefined
}

/** One name for both, as folders and rows have it. */
export function formatReadVersion({ version, view }: ReadsOf): string {
  return view === undefined ? version : `${version}.${view}`
}

export function parseReadVersion(text: string): ReadsOf {
  const [version, view] = text.split('.')
  return view === undefined ? { version } : { version, view }
}
