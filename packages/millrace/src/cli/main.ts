import { runCli } from './run-cli.ts'
import { processTerminal } from './terminal.ts'

function stop(): Promise<unknown> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        // The next one finds the default action in place, for a person who does not want to wait.
        resolve(signal)
      })
    }
    // The launcher for older Nodes is gone, and with it the terminal.
    if (process.env.MILLRACE_LAUNCHER && process.channel) {
      process.once('disconnect', resolve)
      process.channel.unref()
    }
  })
}

process.exitCode = await runCli(process.argv.slice(2), processTerminal(), { stop })
