import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type DatasetSource, fail } from '@millrace/protocol'
import { runProgram } from '../../../kernel/run-program.ts'
import { digestFile } from '../part.ts'
import type { Source, SourceDeps, SourceRequest } from './source.ts'
import { summaryOf } from './source-files.ts'

/**
 * Runs a program, which writes its rows to the file that `MILLRACE_OUTPUT` names.
 * @throws `dataset.source_unreadable` if the program fails or writes no file, or if programs do not run in this process;
 * `secret.not_found`
 */
export async function openProgram(
  deps: Pick<SourceDeps, 'baseDir' | 'programEnvironment' | 'secrets'>,
  request: SourceRequest,
  source: Extract<DatasetSource, { format: 'program' }>,
): Promise<Source> {
  const { dataset, hidesValues, scratch, after, mayRunCode, signal, onLog } = request
  const [file, ...args] = source.command
  const name = `program:${file}`
  const unreadable = (reason: string) => fail('dataset.source_unreadable', { dataset, path: name, reason })
  if (!mayRunCode) {
    throw unreadable(
      'a program makes its rows, which runs in the step "ingest" of a pipeline and not in the server',
    )
  }
  const path = join(scratch, `output.${source.output}`)
  const secrets = await Promise.all(
    (source.secrets ?? []).map(async (secret) => [secret, await deps.secrets.get(secret)] as const),
  )
  const env = {
    ...deps.programEnvironment,
    ...Object.fromEntries(secrets),
    MILLRACE_DATASET: dataset,
    MILLRACE_OUTPUT: path,
    ...(after && {
      MILLRACE_AFTER: after.isTime ? new Date(Number(after.value)).toISOString() : String(after.value),
    }),
  }
  const cwd = resolve(deps.baseDir, source.directory)
  const end = await runProgram([file, ...args], { cwd, env, signal, onLine: onLog })
  if (end.state === 'failed') {
    throw unreadable(`${end.reason}${lastWords(end.said, hidesValues)}`)
  }
  const info = await stat(path).catch(() => undefined)
  if (!info?.isFile()) throw unreadable('it wrote no file to the path that MILLRACE_OUTPUT names')
  if (info.size === 0) throw unreadable('it wrote an empty file to the path that MILLRACE_OUTPUT names')
  const digest = await digestFile(path, signal)
  const options = source.output === 'csv' ? source.options : undefined
  const files = summaryOf([{ path, name, bytes: info.size, digest }])
  return { path: name, format: source.output, ...(options && { options }), ...files }
}

function lastWords(said: readonly string[], hidesValues: boolean): string {
  if (said.length === 0) return ''
  // Programs like to print the row that they stumble over.
  if (hidesValues) return '; what it said last is not told, as the dataset hides values'
  return `; it said last: ${said.join(' ⏎ ')}`
}
