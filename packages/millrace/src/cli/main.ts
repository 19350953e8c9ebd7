import { runCli } from './run-cli.ts'
import { processTerminal } from './terminal.ts'

/** Two signals this close are one: Ctrl-C reaches the launcher for older Nodes and its child, and is passed on. */
const sameSignalMs = 500

function stop(): Promise<unknown> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    const onSignal = () => {
      firstAt ??= performance.now()
      resolve(undefined)
      // A second one is from a person who does not want to wait.
      if (performance.now() - firstAt > sameSignalMs) process.exit(130)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    // The launcher is gone without a signal, and with it whoever was to stop this process.
    if (process.env.MILLRACE_LAUNCHER && process.channel) {
      process.once('disconnect', resolve)
      process.channel.unref()
    }
  })
}

process.exitCode = await runCli(process.argv.slice(2), processTerminal(), { stop })
