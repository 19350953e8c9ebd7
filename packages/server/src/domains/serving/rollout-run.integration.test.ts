import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from './predictor.ts'
import { chanceOf, random } from './testing/forest-model.ts'
import { createServingTestBed, noon, requestOf, type ServingTestBed } from './testing/test-bed.ts'

let bed: ServingTestBed
beforeEach(async () => {
  bed = await createServingTestBed()
  await bed.deploy()
  await bed.serving.start({ refreshMs: 1_000_000 })
})
afterEach(() => bed.close())

let sent = 0
const next = random(7)

/** Asks for predictions, then tells what happened. */
async function traffic(rows: number, options: { labels?: boolean } = {}): Promise<Answer[]> {
  bed.clock.advance(1000)
  const asked = Array.from({ length: rows }, () => {
    const [size, kind] = [Math.floor(next() * 100), next() < 0.5 ? 'a' : 'b']
    return { id: `t${sent++}`, size: size === 13 ? 14 : size, kind }
  })
  const answers = await Promise.all(
    asked.map(({ id, size, kind }) => bed.serving.predict('lateness', requestOf(id, { size, kind }))),
  )
  if (options.labels !== false) {
    const items = asked.map(({ id, size, kind }) => ({ id, label: next() < chanceOf(size, kind) }))
    await bed.serving.acceptFeedback('lateness', items)
  }
  return answers
}

const share = (answers: Answer[], revision: number) =>
  answers.filter((answer) => answer.revision === revision).length / answers.length

describe('a rollout', () => {
  test('goes 10, 50, 100 on evidence and ends with a new champion', async () => {
    const ended: unknown[] = []
    bed.serving.events.on('rolloutEnded', (end) => void ended.push(end))
    await bed.deploy({ seed: 2 })
    expect(await bed.serving.evaluateRollout('lateness')).toMatchObject({ verdict: { outcome: 'wait' } })
    const shares: number[] = []
    for (const [percent, rows] of [
      [10, 800],
      [50, 200],
      [100, 100],
    ]) {
      expect((await bed.serving.getEndpoint('lateness')).rollout?.percent).toBe(percent)
      const answers = await traffic(rows)
      shares.push(share(answers, 2))
      const { verdict } = await bed.serving.evaluateRollout('lateness')
      expect(verdict?.outcome).toBe(percent === 100 ? 'promoted' : 'advanced')
      bed.clock.advance(1000)
    }
    expect(shares[0]).toBeGreaterThan(0.05)
    expect(shares[0]).toBeLessThan(0.15)
    expect(shares[1]).toBeGreaterThan(0.35)
    expect(shares[1]).toBeLessThan(0.65)
    expect(shares[2]).toBe(1)
    const detail = await bed.serving.getEndpoint('lateness')
    expect(detail).toMatchObject({ stable: 2, modelVersion: 'late/2', rollout: { state: 'Promoted' } })
    expect(detail.traffic).toEqual([{ revision: 2, modelVersion: 'late/2', variant: 'stable', percent: 100 }])
    expect(detail.rollout?.history.map(({ percent, outcome }) => [percent, outcome])).toEqual([
      [10, 'advanced'],
      [50, 'advanced'],
      [100, 'promoted'],
    ])
    expect(await bed.registry.resolve('late@champion')).toMatchObject({ version: 2 })
    expect(ended).toMatchObject([
      { endpoint: 'lateness', revision: { revision: 2 }, rollout: { state: 'Promoted' } },
    ])
    const audit = (await bed.stream.read('audit', { limit: 100 })).map(({ type }) => type)
    expect(audit.filter((type) => type.startsWith('rollout.'))).toEqual([
      'rollout.advanced',
      'rollout.advanced',
      'rollout.promoted',
    ])
    expect(await bed.serving.evaluateRollout('lateness')).toMatchObject({ verdict: null })
  })

  test('a worse model is rolled back for its log loss', async () => {
    await bed.deploy({ inverted: true })
    await traffic(1000)
    const { verdict, rollout } = await bed.serving.evaluateRollout('lateness')
    expect(verdict).toMatchObject({ outcome: 'rolled-back' })
    expect(verdict?.reason).toContain('log loss is worse')
    expect(rollout).toMatchObject({ state: 'RolledBack', percent: 0 })
    expect(share(await traffic(50), 1)).toBe(1)
    expect(await bed.registry.resolve('late@champion')).toMatchObject({ version: 1 })
  })

  test('without labels it stays, however many requests there are', async () => {
    await bed.deploy({ seed: 2 })
    await traffic(1000, { labels: false })
    const { verdict, rollout } = await bed.serving.evaluateRollout('lateness')
    expect(verdict?.reason).toBe('0 of 40 labels so far')
    expect(rollout).toMatchObject({ state: 'Progressing', step: 0 })
  })

  test('evidence of an earlier step does not count for the next', async () => {
    await bed.deploy({ seed: 2 })
    await traffic(1000)
    await bed.serving.evaluateRollout('lateness')
    bed.clock.advance(1)
    const { verdict, rollout } = await bed.serving.evaluateRollout('lateness')
    expect(rollout).toMatchObject({ step: 1, percent: 50 })
    expect(verdict?.reason).toBe('0 of 40 requests so far')
  })

  test('a candidate that can no longer be loaded gets no traffic and is rolled back', async () => {
    await bed.deploy({ omit: ['kind'], seed: 2 })
    const { revisions } = await bed.serving.getEndpoint('lateness')
    const manifest = JSON.parse(Buffer.from(await bed.content.getBytes(revisions[1].manifest)).toString())
    const digest: string = manifest.files['model.onnx']
    const key = `content/${digest.slice(0, 2)}/${digest.slice(2)}`
    await bed.objects.delete(key)
    await bed.objects.put(key, Buffer.from('damaged'))
    const other = bed.createService()
    await other.start({ refreshMs: 1_000_000 })
    expect(await other.isReady()).toBe(true)
    expect(await other.predict('lateness', requestOf('x', { at: noon }))).toMatchObject({ revision: 1 })
    const { rollout } = await other.getEndpoint('lateness')
    expect(rollout).toMatchObject({ state: 'RolledBack' })
    expect(rollout?.reason).toContain('could not be loaded')
    await other.close()
  })

  test('a new deployment takes the place of the one that is rolling out', async () => {
    await bed.deploy({ seed: 2 })
    await bed.deploy({ seed: 3 })
    const { rollout, rollouts, stable } = await bed.serving.getEndpoint('lateness')
    expect(stable).toBe(1)
    expect(rollout).toMatchObject({ candidate: 3, stable: 1, step: 0, state: 'Progressing' })
    expect(rollouts[1]).toMatchObject({ candidate: 2, state: 'Aborted', reason: 'revision 3 was deployed' })
  })

  test('people promote and abort', async () => {
    await expect(bed.serving.abortRollout('lateness', 'no')).rejects.toMatchObject({
      code: 'endpoint.no_rollout',
    })
    await bed.deploy({ seed: 2 })
    expect(await bed.serving.abortRollout('lateness', 'not today')).toMatchObject({
      state: 'Aborted',
      reason: 'not today',
    })
    await bed.deploy({ seed: 3 })
    expect(await bed.serving.promoteRollout('lateness', 'sure')).toMatchObject({ state: 'Promoted' })
    expect((await traffic(1))[0].revision).toBe(3)
    expect(await bed.registry.resolve('late@champion')).toMatchObject({ version: 3 })
  })

  test('models are swapped under load without a failure', async () => {
    let running = true
    let answered = 0
    const failures: unknown[] = []
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let i = 0; running; i++) {
        try {
          await bed.serving.predict('lateness', requestOf(`load-${caller}-${i}`))
          answered++
        } catch (error) {
          failures.push(error)
        }
      }
    })
    for (let seed = 2; seed < 12; seed++) {
      await bed.deploy({ seed, trees: 5 })
      await bed.serving.promoteRollout('lateness', 'go on')
    }
    running = false
    await Promise.all(callers)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(100)
    expect((await bed.serving.summarizeLog('lateness')).predictions).toBe(answered)
    expect((await bed.serving.getEndpoint('lateness')).stable).toBe(11)
  })
})
