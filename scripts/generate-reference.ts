import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCatalogue } from '@millrace/protocol'

// Writes the reference pages that follow from the code. Run `npm run docs` after a change; a test compares.
const rows = Object.entries(errorCatalogue)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(
    ([code, [status, message, retryable]]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : ''} | ${message.replaceAll('|', '\\|')} |`,
  )

const folder = join(import.meta.dirname, '..', 'docs', 'reference')
mkdirSync(folder, { recursive: true })
writeFileSync(
  join(folder, 'errors.md'),
  `# Errors

Every refused request has the body \`{ "error_code", "message", "details" }\`; the message is the template below with
its \`{names}\` filled from the details. Retryable ones may pass when tried again; the client does so by itself.

| error_code | status | retryable | message |
|---|---|---|---|
${rows.join('\n')}
`,
)
