interface Version {
  run_id?: string
}

/** As many runs as one search names at most. */
const mostRuns = 500

/**
 * Model versions of runs that are asked for one by one, as the runs of a page are, and searched for together.
 * @param search gives the versions of these runs, in any order
 */
export function createVersionsOfRuns<V extends Version>(search: (runs: readonly string[]) => Promise<V[]>) {
  const asked = new Map<string, Promise<V[]>>()
  let next: { runs: string[]; versions: Promise<Map<string | undefined, V[]>> } | undefined

  /** Begins when everything that is asked for now is known. */
  async function begin(runs: readonly string[]) {
    await Promise.resolve()
    next = undefined
    return Map.groupBy(await search(runs), ({ run_id }) => run_id)
  }

  return (run: string): Promise<V[]> => {
    const known = asked.get(run)
    if (known) return known
    if (next === undefined || next.runs.length >= mostRuns) {
      const runs: string[] = []
      next = { runs, versions: begin(runs) }
    }
    next.runs.push(run)
    const found = next.versions.then((versions) => versions.get(run) ?? [])
    asked.set(run, found)
    return found
  }
}
