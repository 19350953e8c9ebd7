import type { Client } from '@millrace/client'

const shownRuns = 10

/** Everything that `status` shows. */
export type Status = Awaited<ReturnType<typeof readStatus>>

export async function readStatus(client: Client) {
  const [{ items: endpoints }, { items: runs }, { items: schedules }, { items: definitions }] =
    await Promise.all([
      client.endpoints.list(),
      client.pipelines.runs({ limit: shownRuns }),
      client.pipelines.schedules(),
      client.definitions.list(),
    ])
  const monitors = await Promise.all(
    definitions
      .filter((definition) => definition.kind === 'monitor')
      .map(async ({ name }) => {
        const [windows, decisions] = await Promise.all([
          client.monitors.windows(name),
          client.monitors.decisions(name),
        ])
        return {
          name,
          window: windows.items.at(-1) ?? null,
          decision: decisions.items.at(-1) ?? null,
        }
      }),
  )
  return { endpoints, runs, schedules, monitors }
}
