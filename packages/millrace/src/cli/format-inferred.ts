import { basename } from 'node:path'
import type { InferredFile } from '@millrace/server'

/** The definition of a dataset for a file, as text to paste into a configuration. */
export function formatInferred(path: string, file: InferredFile): string {
  const { format, rows, columns, leftOut } = file
  const name = nameOf(path)
  const times = columns
    .filter(({ type, nulls }) => type === 'timestamp' && nulls === 0)
    .map((column) => column.name)
  const schema = columns.map(({ name: column, type, nulls, unique }) => {
    const notes = [...(unique ? ['unique: a key?'] : []), ...(nulls > 0 ? [`missing in ${nulls} rows`] : [])]
    return `    ${column}: t.${type}(),${notes.length > 0 ? ` // ${notes.join(', ')}` : ''}`
  })
  const others = leftOut.map(
    ({ name: column, reason }) => `    // left out: ${JSON.stringify(column)}, ${reason}`,
  )
  const timestamp =
    times.length === 0
      ? '  // No column has a time in every row: derive one and name it here.\n  // timestamp: …,'
      : `  timestamp: '${times[0]}',${times.length > 1 ? ` // or ${times.slice(1).join(', ')}` : ''}`
  return [
    `import { ${[format, 'dataset', 't'].sort().join(', ')} } from 'millrace'`,
    '',
    ...(rows > 0 ? [`// From the first ${rows} rows.`] : []),
    `export const ${variableOf(name)} = dataset('${name}', {`,
    `  source: ${format}(${quoted(path)}),`,
    '  schema: {',
    ...schema,
    ...others,
    '  },',
    timestamp,
    '})',
    '',
  ].join('\n')
}

function nameOf(path: string): string {
  const stem = basename(path)
    .split('.')[0]
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
  return /^[A-Za-z]/.test(stem) ? stem.slice(0, 128) : `data_${stem}`.slice(0, 128)
}

const imported = ['arrow', 'csv', 'dataset', 'json', 'parquet', 't']

function variableOf(name: string): string {
  const [first, ...rest] = name.split(/[-_]+/).filter((part) => part !== '')
  const variable = [first, ...rest.map((part) => part[0].toUpperCase() + part.slice(1))].join('')
  return imported.includes(variable) ? `${variable}Data` : variable
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`
}
