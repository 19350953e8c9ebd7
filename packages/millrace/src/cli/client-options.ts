import { type Client, createClient } from '@millrace/client'
import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import { usageError } from './usage-error.ts'

export interface ClientFlags {
  url?: string
  token?: string
  json?: boolean
}

const defaultUrl = 'http://127.0.0.1:5000'

/** Adds the options of every command that talks to a server. */
export function withClientOptions(command: Command): Command {
  return command
    .option('--url <url>', `the server (env MILLRACE_URL, default ${defaultUrl})`)
    .option('--token <token>', 'bearer token; better in env MILLRACE_TOKEN, where other users cannot see it')
    .option('--json', 'print JSON for programs')
}

/** @throws a usage error if the URL is none. */
export function clientOf(flags: ClientFlags, terminal: Terminal): Client {
  return createClient(serverOf(flags, terminal))
}

/** Where the server is and what it wants to be shown. @throws a usage error if the URL is none. */
export function serverOf(flags: ClientFlags, { env }: Terminal) {
  const url = flags.url ?? (env.MILLRACE_URL || defaultUrl)
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw usageError(`"${url}" is not a URL such as ${defaultUrl}`)
  const token = flags.token ?? (env.MILLRACE_TOKEN || undefined)
  return { url, token, authorization: token === undefined ? undefined : `Bearer ${token}` }
}

/** One line of JSON. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
