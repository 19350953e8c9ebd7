import { createClient, type NumberPrediction } from './index.ts'

// Compiled by `tsc`, never run: an expected error that is missing fails the check.

const client = createClient({ url: 'http://localhost' })
const late: { kind: 'endpoint'; name: string; '~request'?: { date: Date; origin: string } } = {
  kind: 'endpoint',
  name: 'late',
}
const date = new Date(0)

client.predict(late, { id: 'a', inputs: { date, origin: 'JFK' } })
client.predict('late', { inputs: { anything: 1 } })
client.predictBatch(late, [{ inputs: { date, origin: 'JFK' } }])
// @ts-expect-error a field is missing
client.predict(late, { inputs: { date } })
// @ts-expect-error a field has another type
client.predict(late, { inputs: { date, origin: 1 } })
// @ts-expect-error a field is not known
client.predict(late, { inputs: { date, origin: 'JFK', orign: 'JFK' } })
// @ts-expect-error a field is missing in a batch
client.predictBatch(late, [{ inputs: { date, origin: 'JFK' } }, { inputs: { date } }])
// @ts-expect-error an answer has no such field
client.predict(late, { inputs: { date, origin: 'JFK' } }).then(({ probability }) => probability)
client
  .predict<Record<string, unknown>, NumberPrediction>('late', { inputs: {} })
  .then(({ prediction }) => prediction.value.toFixed(1))
// @ts-expect-error a flag has no value
client.predict(late, { inputs: { date, origin: 'JFK' } }).then(({ prediction }) => prediction.value)
client
  .explain(late, { inputs: { date, origin: 'JFK' } }, { top: 3 })
  .then(({ prediction, explanation }) => [prediction.probability, explanation.scores[0]?.contributions])
// @ts-expect-error a field is not known
client.explain(late, { inputs: { date, origin: 'JFK', orign: 'JFK' } })
