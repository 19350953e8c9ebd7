import type { Client } from '@millrace/client'

/** A moment of the demo: `reached` is true while it lasts. */
export interface Stage {
  name: string
  reached(client: Client): Promise<boolean>
}

/** While a step of the n-th pipeline run is running and has come at least so far. */
function inStep(run: number, node: string, fraction = 0): Stage {
  return {
    name: `${node} of run ${run + 1}`,
    async reached(client) {
      const { items } = await client.pipelines.runs()
      const found = items.toReversed().at(run)
      if (!found) return false
      const step = (await client.pipelines.get(found.id)).steps.find((step) => step.node === node)
      if (step?.state === 'succeeded') throw new Error(`${node} of run ${run + 1} was over too soon`)
      return step?.state === 'running' && (step.progress?.fraction ?? 0) >= fraction
    },
  }
}

/** Every stage in which the loop is at something else, in their order. */
export const stages: Stage[] = [
  inStep(0, 'ingest'),
  inStep(0, 'training-data', 0.01),
  inStep(0, 'train', 0.2),
  inStep(0, 'evaluate'),
  inStep(0, 'register-model'),
  inStep(0, 'release'),
  {
    name: 'the replay, on its third day',
    reached: async (client) => (await client.monitors.windows('lateness-daily')).items.length >= 2,
  },
  inStep(1, 'train', 0.2),
  inStep(1, 'release'),
  {
    name: 'the canary, at half of the traffic',
    async reached(client) {
      const { rollout } = await client.endpoints.get('lateness')
      if (rollout?.state === 'Promoted') throw new Error('the canary was over too soon')
      return rollout?.percent === 50
    },
  },
]
