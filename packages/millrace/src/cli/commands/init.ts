import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { fail } from '@millrace/protocol/errors'
import type { Command } from 'commander'
import { jsonLine } from '../client-options.ts'
import type { Terminal } from '../terminal.ts'

const templates = fileURLToPath(new URL('../../../templates/starter', import.meta.url))
/** Files in which `{{name}}` is the name of the project. */
const named = ['package.json', 'README.md', 'millrace.config.ts']

export function addInit(program: Command, terminal: Terminal): void {
  program
    .command('init')
    .description('make a starter project: data, features, a pipeline, an endpoint and a monitor')
    .argument('[folder]', 'folder to make', '.')
    .option('--json', 'print JSON for programs')
    .addHelpText('after', '\nExample:\n  millrace init shop && cd shop')
    .action(async (folder: string, flags: { json?: boolean }) => {
      const target = resolve(terminal.cwd, folder)
      const files = await createStarter(target)
      const steps = [
        ...(folder === '.' ? [] : [`cd ${quoted(folder)}`]),
        ...(findsMillrace(target) ? [] : ['npm install']),
        'npx millrace up',
      ]
      terminal.out(
        flags.json
          ? jsonLine({ folder: target, files })
          : `Made ${folder}: ${files.join(', ')}\nNext: ${steps.join(' && ')}, then read README.md\n`,
      )
    })
}

/** In a clone of the repository, or beside a project that has it, nothing needs to be installed. */
function findsMillrace(folder: string): boolean {
  const found = createRequire(join(folder, 'package.json')).resolve.paths('millrace') ?? []
  return found.some((modules) => existsSync(join(modules, 'millrace/package.json')))
}

function quoted(folder: string): string {
  return /^[\w./-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", `'\\''`)}'`
}

/**
 * Writes the starter project, its data included.
 * @returns The files, relative to the folder.
 * @throws `project.folder_not_empty` if there is something in the folder.
 */
async function createStarter(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const there = (await readdir(folder)).filter((name) => name !== '.git')
  if (there.length > 0) throw fail('project.folder_not_empty', { folder })
  await cp(templates, folder, { recursive: true })
  // Package managers leave files of this name out of a package, so the template has another one.
  await rename(join(folder, 'gitignore'), join(folder, '.gitignore'))
  const name = projectName(folder)
  for (const file of named) {
    const text = await readFile(join(folder, file), 'utf8')
    await writeFile(join(folder, file), text.replaceAll('{{name}}', name))
  }
  const generator = pathToFileURL(join(folder, 'data/generate.js')).href
  const { generate } = (await import(generator)) as { generate(path: string): void }
  generate(join(folder, 'data/deliveries.csv'))
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(folder.length + 1))
    .sort()
}

/** The folder's name as the name of a project. */
function projectName(folder: string): string {
  const name = basename(folder)
    .replace(/[^a-zA-Z0-9_-]+/g, '-')
    .replace(/^[^a-zA-Z]+/, '')
    .toLowerCase()
  return name || 'project'
}
