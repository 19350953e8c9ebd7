import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ClassPrediction, ExplainedPrediction, NumberPrediction, Prediction } from '@millrace/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openShop, type Shop } from './support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
}, 60_000)
afterAll(() => shop.close())

it('the example of docs/guide/learn.md runs as it is written', async () => {
  const guide = await readFile(resolve(import.meta.dirname, '../../docs/guide/learn.md'), 'utf8')
  const [, config] = /```ts\n(.*?)```/s.exec(guide) ?? []
  await shop.edit('millrace.config.ts', () => config)
  const [apply, run, ...predictions] = [...guide.matchAll(/^ {4}npx millrace (.*)$/gm)].map(
    ([, command]) => command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [],
  )
  for (const command of [apply, run]) {
    const ended = await shop.run(command)
    expect(ended, `millrace ${command.join(' ')}: ${ended.err}`).toMatchObject({ code: 0 })
  }
  const [duration, speed] = [
    await shop.json<Prediction<NumberPrediction>>(predictions[0]),
    await shop.json<Prediction<ClassPrediction>>(predictions[1]),
  ]
  expect(duration).toMatchObject({ modelVersion: 'durations/1', prediction: { value: expect.any(Number) } })
  expect(speed).toMatchObject({
    modelVersion: 'speeds/1',
    prediction: { label: expect.stringMatching(/^(fast|usual|slow)$/) },
  })
  expect(Object.keys(speed.prediction.probabilities)).toEqual(['fast', 'slow', 'usual'])
  const explain = predictions.find(([command]) => command === 'explain') ?? []
  const { prediction, explanation } = await shop.json<ExplainedPrediction<NumberPrediction>>(explain)
  expect(prediction.value).toBeCloseTo(duration.prediction.value, 4)
  expect(explanation.scores[0].score).toBeCloseTo(prediction.value, 6)
  expect((await shop.run(predictions[0])).out).toMatch(/^\d+\.\d+ {2}durations\/1 {2}p_\w+\n$/)
})
