import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import { listNames } from '../../../kernel/segments.ts'
import type { Lake } from '../../../ports/lake.ts'
import { createFeedbackLog } from './feedback-log.ts'
import { type PredictionRow, predictionLine } from './prediction-line.ts'
import { createPredictionLog } from './prediction-log.ts'
import { createLogRelations } from './relations.ts'
import { readSummary } from './summary.ts'
import { readWindow } from './window.ts'

const day = 86_400_000
const features = { x: 'float64', kind: 'string', odd: 'boolean' } as const
const names = Object.keys(features)
let dir: string
let lake: Lake
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'serving-log-'))
  lake = await createDuckDbLake({ threads: 1, tempDir: join(dir, 'spill') })
})
afterEach(async () => {
  await lake.close()
  rmSync(dir, { recursive: true })
})

const rowOf = (more: Partial<PredictionRow> = {}): PredictionRow => ({
  id: 'a',
  at: 1,
  eventTime: 0,
  inputs: { x: 1 },
  features: { x: 1.5, kind: 'b', odd: true },
  prediction: { label: 0, probability: 0.25 },
  modelVersion: 'm/1',
  revision: 1,
  variant: 'stable',
  latencyUs: 10,
  degraded: [],
  error: null,
  ...more,
})

test('a line is JSON that says exactly the row', () => {
  const value = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  )
  fc.assert(
    fc.property(
      fc.string(),
      value,
      fc.array(fc.string()),
      fc.option(fc.string()),
      (id, x, degraded, error) => {
        const row = rowOf({ id, inputs: { x }, features: { x, kind: null, odd: false }, degraded, error })
        const line = predictionLine(row, names)
        expect(line.endsWith('}\n')).toBe(true)
        expect(line.indexOf('\n')).toBe(line.length - 1)
        const { degraded: named, error: said, prediction, ...rest } = rowOf(row)
        const expected = {
          ...rest,
          ...prediction,
          ...(named.length > 0 && { degraded: named }),
          ...(said !== null && { error: said }),
        }
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(expected)))
      },
    ),
  )
})

test('texts of all kinds come back from the lake as they were', async () => {
  const texts = [
    'plain',
    'quo"te',
    'back\\slash',
    'new\nline',
    'Zürich 東京 🚂',
    "it's",
    '',
    '\u0000',
    '{"a":1}',
  ]
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => 1 })
  log.append(
    texts.map((kind, i) => rowOf({ id: `id ${i} ${kind}`, features: { x: null, kind, odd: null } })),
    names,
  )
  log.close()
  const relation = createLogRelations(dir, 'e', features).predictions()
  const rows = await lake.rows<{ id: string; kind: string; x: number | null }>(
    `SELECT id, features.kind AS kind, features.x AS x FROM (${relation}) ORDER BY id`,
  )
  expect(rows).toEqual(texts.map((kind, i) => ({ id: `id ${i} ${kind}`, kind, x: null })))
})

test('classes and numbers come back as what was predicted', async () => {
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => 1 })
  const range = { from: 0, until: 10, features: {} }
  const relations = createLogRelations(dir, 'e', {})
  log.append([rowOf({ id: 'a', prediction: { value: 1.5 } }), rowOf({ id: 'b' })], names)
  const numbers = await readWindow(lake, relations, range)
  expect(numbers.prediction).toEqual({
    name: 'prediction',
    kind: 'number',
    values: Float64Array.of(1.5, 0.25),
  })
  expect([...numbers.probability]).toEqual([Number.NaN, 0.25])
  log.append(
    [rowOf({ id: 'c', prediction: { label: 'it"s', probabilities: { 'it"s': 0.6, no: 0.4 } } })],
    names,
  )
  log.close()
  const classes = await readWindow(lake, relations, range)
  expect(classes.prediction).toMatchObject({ name: 'prediction', kind: 'string', dictionary: ['it"s'] })
})

test('the number of an anomaly is its score, the class of a cluster its number', async () => {
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => 1 })
  const range = { from: 0, until: 10, features: {} }
  const relations = createLogRelations(dir, 'e', {})
  log.append([rowOf({ id: 'a', prediction: { outlier: true, score: 0.75 } })], names)
  const anomalies = await readWindow(lake, relations, range)
  expect(anomalies.prediction).toMatchObject({ kind: 'number', values: Float64Array.of(0.75) })
  log.append([rowOf({ id: 'b', prediction: { cluster: 3, distance: 0.5 } })], names)
  log.close()
  const clusters = await readWindow(lake, relations, range)
  expect(clusters.prediction).toMatchObject({ kind: 'string', dictionary: ['3'] })
})

test('torn and foreign lines are passed over and counted', async () => {
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => 1 })
  log.append([rowOf({ id: 'a' }), rowOf({ id: 'b' })], names)
  log.close()
  const folder = join(dir, 'e', 'predictions', '1970-01-01', 'r1')
  const whole = predictionLine(rowOf({ id: 'torn' }), names)
  for (const cut of [1, 20, whole.length - 3]) {
    createPredictionLogFile(
      folder,
      `${cut}.ndjson`,
      predictionLine(rowOf({ id: `c${cut}` }), names) + whole.slice(0, cut),
    )
  }
  expect(await readSummary(lake, createLogRelations(dir, 'e', features))).toMatchObject({
    predictions: 5,
    torn: 3,
  })
})

function createPredictionLogFile(folder: string, name: string, text: string): void {
  appendFileSync(join(folder, name), text)
}

test('a window reads its own days alone', async () => {
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => 1 })
  const times = [0, day - 1, day, 2 * day - 1, 2 * day, -1]
  log.append(
    times.map((eventTime, i) => rowOf({ id: String(i), eventTime, revision: 1 + (i % 2) })),
    names,
  )
  log.close()
  const relations = createLogRelations(dir, 'e', features)
  expect(relations.listDays()).toEqual(['1969-12-31', '1970-01-01', '1970-01-02', '1970-01-03'])
  expect(relations.listDaysOf(2)).toEqual(['1969-12-31', '1970-01-01', '1970-01-02'])
  const inside = relations.predictions({ from: day, until: 2 * day })
  expect(inside).not.toContain('1970-01-01')
  expect(await lake.rows(`SELECT id FROM (${inside}) ORDER BY id`)).toEqual([{ id: '2' }, { id: '3' }])
  const nothing = relations.joined({ from: 9 * day, until: 10 * day })
  expect(await lake.rows(nothing)).toEqual([])
})

test('the first answer to an id and its newest label count', async () => {
  let now = 10
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => now })
  log.append(
    [
      rowOf({ at: 7, prediction: { label: 1, probability: 0.7 } }),
      rowOf({ at: 3, prediction: { label: 0, probability: 0.3 } }),
      rowOf({ error: 'no', at: 1 }),
    ],
    names,
  )
  const feedback = createFeedbackLog({ logDir: dir, endpoint: 'e', now: () => now })
  feedback.append([{ id: 'a', label: true, at: 5 }])
  now = 20
  feedback.append([{ id: 'a', label: false, at: 5 }])
  expect(() =>
    feedback.append([
      { id: 'a', label: 1 },
      { id: 'a', label: Number.NaN },
    ]),
  ).toThrow('items.1.label')
  log.close()
  feedback.close()
  const relation = createLogRelations(dir, 'e', features).joined()
  expect(await lake.rows(`SELECT id, probability, truth FROM (${relation})`)).toEqual([
    { id: 'a', probability: 0.3, truth: 0 },
  ])
})

test('no file stays open beyond the limit, and none is written twice', () => {
  const log = createPredictionLog({ logDir: dir, endpoint: 'e', now: () => 1 })
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 40; i++) log.append([rowOf({ id: `${round} ${i}`, eventTime: i * day })], names)
  }
  log.close()
  const folder = join(dir, 'e', 'predictions')
  const files = listNames(folder).flatMap((name) =>
    listNames(join(folder, name, 'r1')).map((file) => join(folder, name, 'r1', file)),
  )
  expect(files).toHaveLength(80)
  for (const file of files) expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2)
})
