import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isSame } from '../interop/conformance/compare.ts'
import { readRecorded } from '../interop/conformance/recorded.ts'
import { groups } from '../interop/conformance/steps/index.ts'
import { type Answers, talk } from '../interop/conformance/talk.ts'
import { startServer } from './support/millrace.ts'

const mlflow = readRecorded('mlflow')
const ours = readRecorded('millrace')

describe('what MLflow answered is answered', () => {
  let folder: string
  let given: Record<string, Answers>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-'))
    const server = await startServer({ cwd: folder, env: { MILLRACE_DIR: join(folder, 'store') } })
    try {
      given = await talk(server.url, groups)
    } finally {
      await server.stop()
    }
  }, 120_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(Object.keys(groups))('%s', (group) => {
    const wrong = Object.entries(given[group] ?? {}).flatMap(([step, answer]) => {
      const expected = ours[group]?.[step] ?? mlflow[group]?.[step]
      return expected && isSame(expected, answer) ? [] : [{ step, expected, answer }]
    })
    expect(wrong).toEqual([])
    expect(Object.keys(given[group] ?? {})).toEqual(Object.keys(mlflow[group] ?? {}))
  })

  it('with no fault of the server', () => {
    const statuses = Object.values(given).flatMap((answers) =>
      Object.values(answers).map(({ status }) => status),
    )
    expect(statuses.filter((status) => status >= 500 && status !== 501)).toEqual([])
  })
})
