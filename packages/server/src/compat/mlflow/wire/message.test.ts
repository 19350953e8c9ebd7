import { describe, expect, it } from 'vitest'
import { messageOf, readMessage, required } from './message.ts'
import { int64, listOf, text, withDefault } from './types.ts'

const metric = messageOf({ key: required(text), step: withDefault(int64, 0), model_id: text })
const fields = { run_id: required(text), metrics: listOf(metric) }

describe('a message', () => {
  it('has what was sent, and defaults; the rest is ignored', () => {
    expect(
      readMessage(fields, { run_id: 'r', metrics: [{ key: 'a', step: '7' }, { key: 'b' }], more: 1 }),
    ).toEqual({
      run_id: 'r',
      metrics: [
        { key: 'a', step: 7, model_id: undefined },
        { key: 'b', step: 0, model_id: undefined },
      ],
    })
  })

  it('takes the JSON names of proto and the old name of a run, null as not sent', () => {
    const sent = { runId: 'r', metrics: [{ key: 'a', modelId: 'm', step: null }] }
    expect(readMessage(fields, sent)).toMatchObject({ run_id: 'r', metrics: [{ model_id: 'm', step: 0 }] })
    expect(readMessage(fields, { run_uuid: 'r' })).toEqual({ run_id: 'r', metrics: [] })
    expect(readMessage(fields, { run_id: 'new', run_uuid: 'old' }).run_id).toBe('new')
  })

  it('names the place of what is missing or wrong', () => {
    expect(() => readMessage(fields, { metrics: [] })).toThrow("parameter 'run_id'")
    expect(() => readMessage(fields, { run_id: '' })).toThrow("parameter 'run_id'")
    expect(() => readMessage(fields, { run_id: 'r', metrics: [{ key: 'a' }, {}] })).toThrow(
      "'metrics[1].key'",
    )
    expect(() => readMessage(fields, { run_id: 'r', metrics: [{ key: 'a', step: 'x' }] })).toThrow(
      "'metrics[0].step'",
    )
    expect(() => readMessage(fields, { run_id: 'r', runId: 'r' })).toThrow("both 'run_id' and 'runId'")
    expect(() => readMessage(fields, [])).toThrow("'body'")
  })
})
