import type { Lake, LakeOptions } from '../../ports/lake.ts'

/** All values of a column with their numbers. */
export type ValueCounts = ReadonlyMap<string, number>

/** What is kept of a column: of more values nobody reads all, and an append has to carry them along. */
const most = { values: 2000, characters: 50_000 }

/** Adds the values of a relation; undefined if there are too many, and then whatever is added. */
export async function countValues(
  lake: Pick<Lake, 'rows'>,
  { counts, column, relation }: { counts: ValueCounts; column: string; relation: string },
  options: LakeOptions = {},
): Promise<ValueCounts | undefined> {
  // Too many, or too long ones, do not even come here.
  const [{ found }] = await lake.rows<{ found: { value: string; n: number }[] | null }>(
    `SELECT CASE WHEN count(*) <= ${most.values} AND coalesce(sum(length(value)), 0) <= ${most.characters}
       THEN coalesce(list({value: value, n: n}), []) END AS found
     FROM (SELECT ${column} AS value, count(*) AS n FROM ${relation} WHERE ${column} IS NOT NULL
       GROUP BY ${column} LIMIT ${most.values + 1})`,
    options,
  )
  if (found === null) return undefined
  const all = new Map(counts)
  for (const { value, n } of found) all.set(value, (all.get(value) ?? 0) + n)
  let characters = 0
  for (const value of all.keys()) characters += value.length
  return all.size > most.values || characters > most.characters ? undefined : all
}

/** The most frequent values, most frequent first; equally frequent ones in the order of their bytes, as the lake has it. */
export function topOf(counts: ValueCounts, length: number): { value: string; count: number }[] {
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.value), Buffer.from(b.value)))
    .slice(0, length)
}
