#!/usr/bin/env node
// Plain JavaScript that any Node can read: finds a Node that runs TypeScript sources and hands over to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as modules from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const oldest = 24
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
// Where Node keeps what it made of the sources: it halves the time of a start. In the user's own folder, since whoever can
// write to it decides what runs; whoever has no such folder has no cache.
const { NODE_COMPILE_CACHE, XDG_CACHE_HOME, HOME } = process.env
const caches = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'))
const compiled = NODE_COMPILE_CACHE || (caches && join(caches, 'millrace', 'compiled'))

/** The binary of the npm package "node", if the project or this package has it. */
function findNode() {
  for (const from of [join(process.cwd(), 'package.json'), fileURLToPath(import.meta.url)]) {
    try {
      const binary = join(dirname(modules.createRequire(from).resolve('node/package.json')), 'bin', 'node')
      if (existsSync(binary)) return binary
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
    }
  }
  return undefined
}

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  if (compiled) modules.enableCompileCache(compiled)
  await import('../src/cli/main.ts')
} else {
  const node = findNode()
  if (!node) {
    console.error(
      `error: Millrace needs Node ${oldest} or newer, this is ${process.version}. Install it, or add it to the project: npm install --save-dev node@${oldest}`,
    )
    process.exit(1)
  }
  // The channel tells the child when this process dies, also by a signal that cannot be passed on.
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, MILLRACE_LAUNCHER: '1', ...(compiled && { NODE_COMPILE_CACHE: compiled }) },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`error: cannot start ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}
