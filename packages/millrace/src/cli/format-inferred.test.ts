import { expect, test } from 'vitest'
import { formatInferred } from './format-inferred.ts'

test('a definition to paste names times, keys, missing values and what is left out', () => {
  const column = { nulls: 0, unique: false }
  const text = formatInferred("it's/raw orders-2026.csv", {
    format: 'csv',
    rows: 3,
    columns: [
      { ...column, name: 'id', type: 'int64', unique: true },
      { ...column, name: 'paid', type: 'timestamp', nulls: 1 },
      { ...column, name: 'at', type: 'timestamp' },
      { ...column, name: 'seen', type: 'timestamp' },
    ],
    leftOut: [{ name: 'a b', reason: 'a name has only letters, digits and _' }],
  })
  expect(text).toBe(`import { csv, dataset, t } from 'millrace'

// From the first 3 rows.
export const rawOrders2026 = dataset('raw_orders-2026', {
  source: csv('it\\'s/raw orders-2026.csv'),
  schema: {
    id: t.int64(), // unique: a key?
    paid: t.timestamp(), // missing in 1 rows
    at: t.timestamp(),
    seen: t.timestamp(),
    // left out: "a b", a name has only letters, digits and _
  },
  timestamp: 'at', // or seen
})
`)
})

test('without a time in every row there is no timestamp', () => {
  const text = formatInferred('1.parquet', { format: 'parquet', rows: 0, columns: [], leftOut: [] })
  expect(text).toContain("export const data1 = dataset('data_1', {")
  expect(text).toContain('derive one')
  expect(text).not.toContain('// From')
})
