import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Expectation } from '@millrace/protocol'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { quoteText } from '../../kernel/sql.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { dataRoutes } from './routes.ts'
import { validationRoutes } from './validation-routes.ts'
import { createValidationService } from './validation-service.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
const app = fastify()
beforeAll(async () => {
  embedded = await createTemporaryData()
  const { data, dir } = embedded
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(dataRoutes(data))
  await app.register(validationRoutes(createValidationService(embedded)))
  await embedded.apply([
    {
      kind: 'dataset',
      name: 'orders',
      source: { format: 'parquet', path: 'orders.parquet' },
      schema: { at: 'timestamp', code: 'string', kind: 'string', amount: 'float64', note: 'string' },
      derived: {},
      timestamp: 'at',
      expectations: [
        {
          type: 'expect_column_values_to_be_between',
          kwargs: { column: 'amount', max_value: 90 },
          severity: 'warn',
        },
      ],
    },
  ])
  await embedded.lake.writeParquet(
    `SELECT make_timestamp(i * 1000000) AS at, printf('AB-%04d', i) AS code, ['cash', 'card'][i % 2 + 1] AS kind,
       i::DOUBLE AS amount, CASE WHEN i % 10 > 0 THEN 'some <u>note</u> ' || repeat('x', (i % 7)::INT) END AS note
     FROM range(100) r(i)`,
    join(dir, 'orders.parquet'),
  )
  await data.ingest({ dataset: 'orders' })
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

async function validate(body: object) {
  const response = await app.inject({ method: 'POST', url: '/v1/datasets/orders/validations', body })
  return { status: response.statusCode, ...response.json() }
}

test('the expectations of the definition are evaluated again, and the result is kept', async () => {
  const validation = await validate({})
  expect(validation).toMatchObject({ status: 200, dataset: 'orders', accepted: true })
  expect(validation.result).toMatchObject({
    success: false,
    suite_name: 'orders',
    statistics: { evaluated_expectations: 2, successful_expectations: 1 },
  })
  const url = `/v1/datasets/orders/validations/${validation.id}`
  const { status: _, ...stored } = validation
  expect((await app.inject({ url })).json()).toEqual(stored)
  const { items } = (await app.inject({ url: '/v1/datasets/orders/validations' })).json()
  expect(items).toHaveLength(2)
  expect((await app.inject({ url: '/v1/datasets/orders/validations/none' })).json()).toMatchObject({
    error_code: 'dataset.validation_not_found',
  })
})

test('other expectations are refused or judged, and their failing rows are a file', async () => {
  const expectations: Expectation[] = [
    {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'amount', max_value: 97 },
      severity: 'stop',
    },
    { type: 'expect_table_row_count_to_equal', kwargs: { value: 3 }, severity: 'warn' },
    {
      type: 'expect_column_values_to_be_in_set',
      kwargs: { column: 'kind', value_set: ['card'], row_condition: 'amount < 4', condition_parser: 'sql' },
      severity: 'warn',
    },
  ]
  const validation = await validate({ expectations })
  expect(validation).toMatchObject({ status: 200, accepted: false })
  const response = await app.inject({ url: `/v1/datasets/orders/validations/${validation.id}/rows` })
  expect(response.headers['content-type']).toBe('application/vnd.apache.parquet')
  const file = join(embedded.dir, 'failing.parquet')
  await writeFile(file, response.rawPayload)
  expect(await embedded.lake.rows(`SELECT * FROM read_parquet(${quoteText(file)})`)).toEqual([
    { expectation: 0, file_row_number: 98, at: 98_000 },
    { expectation: 0, file_row_number: 99, at: 99_000 },
    { expectation: 2, file_row_number: 0, at: 0 },
    { expectation: 2, file_row_number: 2, at: 2000 },
  ])
  expect(await readdir(embedded.tempDir)).toEqual([])
  const bad = { ...expectations[0], kwargs: { column: 'nope', max_value: 1 } }
  expect(await validate({ expectations: [bad] })).toMatchObject({ error_code: 'definition.invalid' })
  expect(await validate({ version: 'none' })).toMatchObject({ error_code: 'dataset.version_not_found' })
})

test('the report shows what failed, its rows, and no markup from the data', async () => {
  const expectations = [
    { type: 'expect_column_value_lengths_to_equal', kwargs: { column: 'note', value: 3 }, severity: 'stop' },
    {
      type: 'expect_column_values_to_be_unique',
      kwargs: { column: 'code' },
      severity: 'stop',
      notes: 'they <i>are</i>',
    },
  ]
  const { id } = await validate({ expectations })
  const response = await app.inject({ url: `/v1/datasets/orders/validations/${id}/report` })
  expect(response.headers['content-type']).toContain('text/html')
  expect(response.body).toContain('Stopped: 1 of the expectations that must be met is not.')
  expect(response.body).toContain('90 of 100 rows')
  expect(response.body).toContain('1 of 2 expectations met')
  expect(response.body).not.toContain('<u>')
  expect(response.body).not.toContain('<i>are</i>')
})

test('expectations are learned from a version, which meets them', async () => {
  const { items } = (await app.inject({ url: '/v1/datasets/orders/expectations/proposed' })).json()
  const of = (column: string | undefined) =>
    (items as Expectation[])
      .filter(({ kwargs }) => kwargs.column === column)
      .map(({ type, kwargs: { column: _, ...rest }, severity }) => [
        type.replace(/^expect_(column_|table_)?/, ''),
        rest,
        severity,
      ])
  expect(of(undefined)).toEqual([
    ['columns_to_match_set', { column_set: ['at', 'code', 'kind', 'amount', 'note'] }, 'stop'],
    ['row_count_to_be_between', { min_value: 50, max_value: 200 }, 'warn'],
  ])
  expect(of('code')).toEqual([
    ['values_to_not_be_null', {}, 'stop'],
    ['values_to_be_unique', {}, 'stop'],
    ['values_to_match_regex', { regex: '^[A-Z]{2}-[0-9]{4}$' }, 'warn'],
  ])
  expect(of('kind')).toEqual([
    ['values_to_not_be_null', {}, 'stop'],
    ['values_to_be_in_set', { value_set: ['card', 'cash'] }, 'warn'],
  ])
  expect(of('amount')).toEqual([
    ['values_to_not_be_null', {}, 'stop'],
    ['values_to_be_between', { min_value: 0, max_value: 108.9 }, 'warn'],
  ])
  expect(of('note')[0]).toEqual(['values_to_not_be_null', { mostly: 0.8 }, 'warn'])
  expect(of('at')[1]).toEqual(['values_to_be_between', { min_value: '1969-12-31T23:59:50.100Z' }, 'warn'])
  expect(await validate({ expectations: items })).toMatchObject({ accepted: true, result: { success: true } })
})

test('the failing rows of a version that was stopped are kept', async () => {
  const { data, dir } = embedded
  const rows = `SELECT make_timestamp(i * 1000000 + 1) AS at, 'x' AS code, 'y' AS kind, i::DOUBLE AS amount, 'z' AS note FROM range(4) r(i)`
  await embedded.lake.writeParquet(rows, join(dir, 'late.parquet'))
  const [before] = (await data.listVersions('orders')).items
  embedded.clock.advance(1)
  const rule = { type: 'expect_column_values_to_be_between', kwargs: { column: 'amount', min_value: 2 } }
  const current = await embedded.definitions.get('dataset', 'orders')
  await embedded.apply([{ ...current, expectations: [{ ...rule, severity: 'stop' }] }])
  await expect(data.ingest({ dataset: 'orders', path: 'late.parquet' })).rejects.toMatchObject({
    code: 'dataset.expectation_failed',
  })
  const [{ id, version }] = (await data.listValidations('orders')).items
  expect(version).not.toBe(before.version)
  const response = await app.inject({ url: `/v1/datasets/orders/validations/${id}/rows` })
  const file = join(dir, 'failing.parquet')
  await writeFile(file, response.rawPayload)
  expect(
    await embedded.lake.rows(`SELECT expectation, file_row_number FROM read_parquet(${quoteText(file)})`),
  ).toEqual([
    { expectation: 1, file_row_number: 0 },
    { expectation: 1, file_row_number: 1 },
  ])
  expect(await readdir(embedded.tempDir)).toEqual([])
})
