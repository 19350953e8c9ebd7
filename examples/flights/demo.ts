import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@millrace/client'
import { collect } from './demo/collect.ts'
import { createFlightStream } from './demo/flights-stream.ts'
import { followRun } from './demo/follow-run.ts'
import { watchMemory } from './demo/memory.ts'
import { type DemoOptions, parseOptions, usage } from './demo/options.ts'
import { createProgress } from './demo/progress.ts'
import { replay } from './demo/replay.ts'
import { type DemoReport, renderReport } from './demo/report.ts'
import { type ServerProcess, startServerProcess } from './demo/server-process.ts'
import { createTraffic } from './demo/traffic.ts'
import { training } from './pipelines.ts'

const firstDay = Date.UTC(2001, 4, 1)
const day = 24 * 3_600_000
const connections = 16
const flightsFile = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))

async function main(options: DemoOptions): Promise<void> {
  const started = performance.now()
  const memory = watchMemory()
  const progress = createProgress(process.stderr)
  const dir = resolve(options.dir)
  await rm(dir, { recursive: true, force: true })

  progress.stage('starting the server')
  const server = await startServerProcess({
    dir,
    port: options.port,
    onRestart: (how) =>
      progress.note(`the server ended (${how}) and is started again; finished steps are kept`),
  })
  try {
    const report = await runLoop(options, server, progress)
    const whole: DemoReport = {
      ...report,
      seconds: round((performance.now() - started) / 1000, 1),
      peakRssMb: Math.round(memory.stop()),
      restarts: server.restarts(),
    }
    process.stdout.write(options.json ? `${JSON.stringify(whole)}\n` : renderReport(whole, server.url))
    if (options.keep) {
      process.stderr.write(`\nThe server goes on at ${server.url}; stop it with Ctrl-C.\n`)
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    }
  } finally {
    await server.stop()
  }
}

async function runLoop(
  options: DemoOptions,
  server: ServerProcess,
  progress: ReturnType<typeof createProgress>,
) {
  const client = createClient({ url: server.url, retries: 12 })
  progress.stage('applying the definitions')
  const config = options.quick ? 'quick.config.ts' : 'millrace.config.ts'
  await runCli(['apply', '--config', config, '--url', server.url])

  const run = await client.pipelines.start(training.name, {
    requestId: 'demo/first-training',
    reason: 'first model',
    params: {
      trainFrom: Date.UTC(2001, options.quick ? 2 : 0, 1),
      trainUntil: Date.UTC(2001, 3, 1),
      gateFrom: Date.UTC(2001, 3, 1),
      gateUntil: Date.UTC(2001, 4, 1),
    },
  })
  const trained = await followRun(client, run.id, progress)
  if (trained.steps.some((step) => step.step === 'release' && step.state !== 'succeeded')) {
    throw new Error('the first model did not pass its gate; there is nothing to serve')
  }

  const flights = await createFlightStream(flightsFile, options.oneIn)
  const middle = firstDay + Math.ceil(options.days / 2) * day
  const traffic = createTraffic(client, {
    connections,
    distort: (request) =>
      options.injectDrift && request.date.getTime() >= middle
        ? { ...request, distance: request.distance * 2 }
        : request,
  })
  await replay({ client, traffic, flights, progress }, { from: firstDay, days: options.days })
  flights.close()
  return { ...(await collect(client)), ...traffic.figures() }
}

/** Runs the CLI as a user would, in this folder; what it says is shown only if it fails. */
async function runCli(args: string[]): Promise<void> {
  const cli = fileURLToPath(import.meta.resolve('millrace/bin'))
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`millrace ${args[0]} failed: ${said.trim()}`)
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') process.stdout.write(usage)
  else await main(options)
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof TypeError ? 2 : 1
}
