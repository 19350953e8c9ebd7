import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fail } from '@millrace/protocol/errors'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, serverOf, withClientOptions } from '../client-options.ts'
import { parseDataRef } from '../data-ref.ts'
import { formatBytes } from '../format.ts'
import type { Terminal } from '../terminal.ts'

interface ProjectFlags extends ClientFlags {
  project: string
}

export function addDataDvc(data: Command, terminal: Terminal): void {
  const command = data.command('dvc').description('exchange versions with DVC').helpCommand(false)

  withClientOptions(command.command('export'))
    .description('write a .dvc file of a version, whose files "dvc pull" gets from this server')
    .argument('<name[@version]>')
    .argument(
      '[folder]',
      'that the files belong into; <folder>.dvc is written (default: one of that name here)',
    )
    .requiredOption('--project <project>', 'the DVC remote of the server, at /dvc/<project>')
    .addHelpText(
      'after',
      `
Example:
  millrace data dvc export photos@3f2a --project shop
  dvc remote add -d millrace http://127.0.0.1:5000/dvc/shop && dvc pull`,
    )
    .action(async (which: string, target: string | undefined, { project, ...flags }: ProjectFlags) => {
      const { fileSet, version } = parseDataRef(which)
      const folder = resolve(terminal.cwd, target ?? fileSet)
      const path = `${folder}.dvc`
      const output = await clientOf(flags, terminal).dvc.export(project, { fileSet, version })
      const { dvcFileText } = await import('../../file-sets/dvc-file.ts')
      writeFileSync(path, dvcFileText({ ...output, path: basename(folder) }))
      ignore(folder)
      const remote = `${serverOf(flags, terminal).url.replace(/\/+$/, '')}/dvc/${project}`
      terminal.out(
        flags.json
          ? jsonLine({ ...output, path, remote })
          : `${path}: ${fileSet}@${output.version}, ${output.nfiles} files, ${formatBytes(output.size)}\nits files are at the remote ${remote}\n`,
      )
    })

  withClientOptions(command.command('import'))
    .description('make what "dvc push" sent to this server a version of a file set')
    .argument('<file.dvc>')
    .requiredOption('--project <project>', 'the DVC remote of the server, at /dvc/<project>')
    .requiredOption('--name <name>', 'the file set')
    .option('--message <text>', 'what this version is')
    .addHelpText('after', '\nExample:\n  millrace data dvc import photos.dvc --project shop --name photos')
    .action(async (file: string, { project, name, message, ...flags }: ProjectFlags & ImportFlags) => {
      const { parseDvcFile } = await import('../../file-sets/dvc-file.ts')
      const { md5, path } = parseDvcFile(file, readText(resolve(terminal.cwd, file)))
      const input = { object: md5, path: basename(path), fileSet: name, message }
      const version = await clientOf(flags, terminal).dvc.import(project, input)
      const { files, bytes } = version
      terminal.out(
        flags.json
          ? jsonLine(version)
          : `${name}@${version.version}: ${files} files, ${formatBytes(bytes)}\n`,
      )
    })
}

interface ImportFlags {
  name: string
  message?: string
}

/** As `dvc add` does: the folder itself is not for git. */
function ignore(folder: string): void {
  const path = join(dirname(folder), '.gitignore')
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const line = `/${basename(folder)}`
  if (text.split('\n').includes(line)) return
  appendFileSync(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fail('dvc.file_invalid', { path, reason: (error as Error).message }, error)
  }
}
