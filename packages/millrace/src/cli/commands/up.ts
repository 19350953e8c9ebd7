import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface UpFlags {
  dir?: string
  host?: string
  port?: number
  tokenEnv?: string
  logLevel?: string
  artifactRoot?: string
  online?: string
  json?: boolean
}

/** How the process is told to end. */
export interface Signals {
  /** Resolves with the first signal to stop. */
  stop(): Promise<unknown>
}

export function addUp(program: Command, terminal: Terminal, signals: Signals): void {
  program
    .command('up')
    .description('start a server with all its state in one folder')
    .option('--dir <folder>', 'folder of the state (env MILLRACE_DIR, default .millrace)')
    .option('--host <address>', 'address to listen on (env MILLRACE_HOST, default 127.0.0.1)')
    .option(
      '--port <number>',
      'port to listen on, 0 for a free one (env MILLRACE_PORT, default 5000)',
      parsePort,
    )
    .option(
      '--token-env <name>',
      'environment variable with the token that callers must send',
      'MILLRACE_TOKEN',
    )
    .option(
      '--artifact-root <uri>',
      'where new experiments keep artifacts: mlflow-artifacts:/ (through this server), file:/folder or s3://bucket/prefix, which clients write to themselves (env MILLRACE_ARTIFACT_ROOT, default mlflow-artifacts:/)',
    )
    .option(
      '--online <url>',
      'where online features are kept: redis://host:port/database; default: in the folder (env MILLRACE_ONLINE_STORE; the password is in MILLRACE_SECRET_REDIS_PASSWORD)',
    )
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent (env MILLRACE_LOG_LEVEL)')
    .option('--json', 'print JSON for programs')
    .addHelpText(
      'after',
      `
The server is ready when it prints "ready <url>". SIGTERM and SIGINT stop it cleanly. An address other than
loopback needs a token.

Examples:
  millrace up
  millrace up --dir /var/lib/millrace --port 8080
  MILLRACE_TOKEN=$(openssl rand -hex 32) millrace up --host 0.0.0.0`,
    )
    .action(async (flags: UpFlags) => {
      const token = tokenOf(flags, terminal)
      // Loaded only here: the other commands need no server.
      const { startServer } = await import('@millrace/server')
      const stopped = signals.stop()
      const { dir, host, port, logLevel, artifactRoot, online } = flags
      const server = await startServer({ dir, host, port, token, logLevel, artifactRoot, online })
      terminal.out(flags.json ? `${JSON.stringify({ ready: server.url })}\n` : `ready ${server.url}\n`)
      const displaced = await Promise.race([stopped.then(() => undefined), server.displaced])
      await server.stop()
      if (displaced) throw displaced
    })
}

/** The default variable may be empty; one that was asked for may not. */
function tokenOf({ tokenEnv = 'MILLRACE_TOKEN' }: UpFlags, { env }: Terminal): string | null {
  const token = env[tokenEnv]
  if (token) return token
  if (tokenEnv !== 'MILLRACE_TOKEN') throw usageError(`the environment variable ${tokenEnv} is empty`)
  return null
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw usageError(`--port takes a whole number from 0 to 65535, got "${text}"`)
}
