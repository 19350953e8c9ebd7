import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ExpectationResult, Validation } from '@millrace/client'
import type { Expectation } from '@millrace/protocol'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { formatExpectations } from '../expectation-text.ts'
import { formatTable, formatTime } from '../format.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface ValidateFlags extends ClientFlags {
  version?: string
  suite?: string
  report?: string
  rows?: string
}
interface ListFlags extends ClientFlags {
  limit: string
}
interface SuiteFlags extends ClientFlags {
  version?: string
  gx?: boolean
}

/** Commands about what is expected of datasets. @param failed Called when a version does not meet what it must. */
export function addDataValidate(data: Command, terminal: Terminal, failed: () => void): void {
  withClientOptions(data.command('validate'))
    .description('check the expectations on a version of a dataset')
    .argument('<dataset>')
    .option('--version <version>', 'default: the latest')
    .option('--suite <file>', 'instead of those of the definition: a suite of Great Expectations (JSON)')
    .option('--report <file>', 'write the result as a page (HTML)')
    .option('--rows <file>', 'write all failing rows, by their place and keys (Parquet)')
    .addHelpText(
      'after',
      `
The result is kept: see "millrace data validations". It exits with 1 if an expectation that must be met is not.

Examples:
  millrace data validate flights
  millrace data validate flights --suite suite.json --report report.html --rows failing.parquet`,
    )
    .action(async (dataset: string, { version, suite, report, rows, ...flags }: ValidateFlags) => {
      const { validations } = clientOf(flags, terminal)
      const expectations = suite === undefined ? undefined : await suiteOf(resolve(terminal.cwd, suite))
      const validation = await validations.run(dataset, {
        ...(version !== undefined && { version }),
        ...(expectations && { expectations }),
      })
      const save = async (file: string, response: Response) =>
        writeFile(resolve(terminal.cwd, file), response.body ?? new Uint8Array())
      if (report !== undefined) await save(report, await validations.openReport(dataset, validation.id))
      if (rows !== undefined) await save(rows, await validations.openRows(dataset, validation.id))
      terminal.out(flags.json ? jsonLine(validation) : describe(validation))
      if (!validation.accepted) failed()
    })

  withClientOptions(data.command('validations'))
    .description('list the validations of a dataset, latest first')
    .argument('<dataset>')
    .option('--limit <count>', 'at most so many', '20')
    .action(async (dataset: string, { limit, ...flags }: ListFlags) => {
      const count = Number(limit)
      if (!Number.isInteger(count) || count < 1 || count > 1000)
        throw usageError(`--limit takes a number from 1 to 1000, got "${limit}"`)
      const { items } = await clientOf(flags, terminal).datasets.validations(dataset, { limit: count })
      const header = ['validation', 'version', 'time', 'met', 'verdict']
      const list = items.map(({ id, version, createdAt, result, accepted }) => {
        const { successful_expectations: met, evaluated_expectations: all } = result.statistics
        const verdict = accepted ? (result.success ? 'passed' : 'passed with warnings') : 'stopped'
        return [id, version, formatTime(createdAt), `${met}/${all}`, verdict]
      })
      const text = list.length === 0 ? 'no validations\n' : formatTable(header, list)
      terminal.out(flags.json ? jsonLine(items) : text)
    })

  withClientOptions(data.command('propose'))
    .description('learn expectations from a version of a dataset, to begin with')
    .argument('<dataset>')
    .option('--version <version>', 'default: the latest')
    .option('--gx', 'as a suite of Great Expectations (JSON) and not as a definition')
    .addHelpText('after', '\nExample:\n  millrace data propose flights')
    .action(async (dataset: string, { version, gx, ...flags }: SuiteFlags) => {
      const { items } = await clientOf(flags, terminal).validations.propose(
        dataset,
        version === undefined ? {} : { version },
      )
      if (flags.json) terminal.out(jsonLine(items))
      else terminal.out(gx ? await suiteText(dataset, items) : formatExpectations(items))
    })

  withClientOptions(data.command('expectations'))
    .description('show what a new version of a dataset has to meet')
    .argument('<dataset>')
    .option('--gx', 'as a suite of Great Expectations (JSON) and not as a definition')
    .action(async (dataset: string, { gx, ...flags }: SuiteFlags) => {
      const { items } = await clientOf(flags, terminal).validations.expectations(dataset)
      if (flags.json) terminal.out(jsonLine(items))
      else terminal.out(gx ? await suiteText(dataset, items) : formatExpectations(items))
    })
}

async function suiteOf(file: string) {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`--suite: ${file} cannot be read (${error.code ?? error.message})`)
  })
  try {
    const { readSuite } = await import('../../definition/gx-suite.ts')
    return readSuite(JSON.parse(text)).map(({ definition }) => definition)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw usageError(`--suite: ${file}: ${error.message}`)
    throw error
  }
}

async function suiteText(dataset: string, expectations: readonly Expectation[]): Promise<string> {
  const { writeSuite } = await import('../../definition/gx-suite.ts')
  return `${JSON.stringify(writeSuite(dataset, expectations), undefined, 2)}\n`
}

function describe({ id, dataset, version, accepted, result }: Validation): string {
  const { successful_expectations: met, evaluated_expectations: all } = result.statistics
  const failures = result.results.filter(({ success }) => !success).map(failureText)
  const verdict = accepted ? '' : ', stopped'
  return `${failures.join('')}${dataset}@${version}: ${met} of ${all} expectations met${verdict} (${id})\n`
}

function failureText({ expectation_config: { type, kwargs, severity }, result }: ExpectationResult): string {
  const columns = [kwargs.column, kwargs.column_A, kwargs.column_B, kwargs.column_list].flat()
  const named = columns.filter((name) => typeof name === 'string').join(', ')
  const told =
    result.element_count === undefined
      ? `observed ${JSON.stringify(result.observed_value)?.slice(0, 200)}`
      : `${result.unexpected_count} of ${result.element_count} rows, for example ${(
          result.partial_unexpected_list ?? []
        )
          .slice(0, 3)
          .map((value) => JSON.stringify(value))
          .join(', ')}`
  return `${severity}  ${named ? `${named}: ` : ''}${type}: ${told}\n`
}
