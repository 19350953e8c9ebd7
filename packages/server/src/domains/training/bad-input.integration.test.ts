import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryTraining, forest, gate } from '../../testing/temporary-training.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTraining>>

beforeAll(async () => {
  stack = await createTemporaryTraining()
}, 60_000)
afterAll(() => stack.close())

describe('bad input', () => {
  it.each([
    ['learner', { learner: 'randomForestClassifier' }],
    ['data', { data: 'late_flights' }],
    ['experiment', { experiment: '' }],
    ['threads', { threads: 0 }],
  ])('names the input %s of a training', async (input, over) => {
    const data = await stack.build('late_flights', 1, 5)
    const refused = expect.objectContaining({
      code: 'step.input_invalid',
      details: expect.objectContaining({ input }),
    })
    await expect(stack.train({ data, ...over })).rejects.toEqual(refused)
  })

  it('ends the run as failed and says why', async () => {
    const oneClass = await stack.build('never_late', 1, 5)
    await expect(stack.train({ data: oneClass, experiment: 'failing' })).rejects.toThrow(
      /"never_late".*"late" is false in all \d+ rows; a classifier needs two classes/,
    )
    const missing = await stack.build('unknown', 1, 5)
    await expect(stack.train({ data: missing, experiment: 'failing' })).rejects.toThrow(
      /"late" is missing in row \d+/,
    )
    const { id: experiment } = await stack.tracking.getOrCreateExperiment('failing')
    const { items } = await stack.tracking.listRuns({ experiment })
    expect(items.map(({ status }) => status)).toEqual(['FAILED', 'FAILED'])
    const reasons = await Promise.all(
      items.map(async ({ id }) => (await stack.tracking.getRun(id)).tags['millrace.error']),
    )
    expect(reasons.toSorted()).toEqual([
      expect.stringContaining('a classifier needs two classes'),
      expect.stringContaining('is missing in row 3'),
    ])
  })

  it('ends the run as killed when cancelled', async () => {
    const data = await stack.build('late_flights', 1, 5)
    const controller = new AbortController()
    const context = {
      ...stack.contextOf('train'),
      signal: controller.signal,
      progress: ({ message }: { message: string }) => {
        if (message.startsWith('fitted')) controller.abort(new Error('cancelled'))
      },
    }
    await expect(stack.train({ data, experiment: 'cancelled' }, context)).rejects.toThrow('cancelled')
    const { id: experiment } = await stack.tracking.getOrCreateExperiment('cancelled')
    expect((await stack.tracking.listRuns({ experiment })).items).toMatchObject([{ status: 'KILLED' }])
  })

  it('refuses to judge on rows that prove nothing', async () => {
    const data = await stack.build('late_flights', 1, 10)
    const model = await stack.train({ data })
    const overlapping = await stack.build('late_flights', 9, 20)
    await expect(stack.evaluate({ model, data: overlapping })).rejects.toThrow(/judge it on later rows/)
    const oneClass = await stack.build('never_late', 10, 20)
    await expect(stack.evaluate({ model, data: oneClass })).rejects.toThrow(
      /two classes are needed; its label "late" is false in all/,
    )
    const later = await stack.build('late_flights', 10, 20)
    const wrong = { baseline: { ...gate.baseline, groupBy: ['airline'] } }
    await expect(stack.evaluate({ model, data: later, gate: wrong })).rejects.toThrow(
      /no column "airline"; it has date/,
    )
    await expect(stack.evaluate({ model, data: later, slices: ['late'] })).rejects.toThrow(
      /"late" is its label/,
    )
    await expect(stack.evaluate({ model, data: later, champion: 'nobody' })).rejects.toMatchObject({
      code: 'step.input_invalid',
      details: { input: 'champion' },
    })
    const { evaluation } = await stack.evaluate({ model, data: later })
    const other = await stack.train({ data, learner: forest({ seed: 4 }) })
    await expect(stack.register({ model: other, evaluation })).rejects.toThrow(/it is about model/)
    await expect(stack.register({ model, evaluation: { digest: data.digest } })).rejects.toThrow(
      /is not an evaluation/,
    )
  })
})
