import type { Client } from '@millrace/client'
import { fail } from '@millrace/protocol/errors'
import type { Command } from 'commander'
import { type ClientFlags, clientOf, jsonLine, withClientOptions } from '../client-options.ts'
import { type ComparedPart, formatConsistency } from '../format-consistency.ts'
import { parseParams } from '../params.ts'
import type { Terminal } from '../terminal.ts'
import { usageError } from '../usage-error.ts'

interface ConsistencyFlags extends ClientFlags {
  from: string
  until: string
  sample?: string
  tolerated?: string
  kind?: string
}

const kinds = ['endpoint', 'feature-service'] as const
type Kind = (typeof kinds)[number]

/** @param failed Called when a feature differs in more reads than is tolerated. */
export function addConsistency(program: Command, terminal: Terminal, failed: () => void): void {
  withClientOptions(program.command('consistency'))
    .description('compare features that were read online with those that training would have had')
    .argument('<name>', 'name of an endpoint, or of a feature service with logReads')
    .requiredOption(
      '--from <time>',
      'event time of the first reads, such as 2001-05-01 or 2001-05-01T12:00:00Z',
    )
    .requiredOption('--until <time>', 'event time before which the last reads are')
    .option('--sample <share>', 'share of the keys that is compared, 0 to 1; default: all')
    .option('--tolerated <share>', 'share of the reads of a feature that may differ; default: 0.01')
    .option('--kind <kind>', 'endpoint or feature-service, where both have the name')
    .addHelpText(
      'after',
      `
The check is kept. It exits with 1 if a feature differs in more reads than is tolerated.

Examples:
  millrace consistency late-flights --from 2001-05-01 --until 2001-05-02
  millrace consistency delay_features --from 2001-05-01 --until 2001-05-02 --tolerated 0.001`,
    )
    .action(async (name: string, flags: ConsistencyFlags) => {
      const input = {
        ...timesOf(flags),
        ...(flags.sample !== undefined && { sample: shareOf('sample', flags.sample) }),
        ...(flags.tolerated !== undefined && { tolerated: shareOf('tolerated', flags.tolerated) }),
      }
      const client = clientOf(flags, terminal)
      const kind = await kindOf(client, name, flags.kind)
      const { check, parts } = await checkOf(client, kind, name, input)
      terminal.out(
        flags.json
          ? jsonLine(check)
          : formatConsistency({ ...check, name, parts, tolerated: input.tolerated }),
      )
      if (!check.consistent) failed()
    })
}

async function checkOf(
  client: Client,
  kind: Kind,
  name: string,
  input: { from: number; until: number; sample?: number; tolerated?: number },
) {
  if (kind === 'endpoint') {
    const check = await client.endpoints.checkConsistency(name, input)
    const parts = check.revisions.map((one): ComparedPart => {
      return { ...one, title: `revision ${one.revision} (${one.modelVersion})` }
    })
    return { check, parts }
  }
  const check = await client.featureServices.checkConsistency(name, input)
  const parts = check.versions.map((one): ComparedPart => {
    const of = one.view === undefined ? '' : `, features of ${one.view}`
    return { ...one, title: `definitions ${one.version}${of}` }
  })
  return { check, parts }
}

async function kindOf(client: Client, name: string, given: string | undefined): Promise<Kind> {
  if (given !== undefined) {
    const kind = kinds.find((one) => one === given)
    if (kind === undefined) throw usageError(`--kind takes ${kinds.join(' or ')}, got "${given}"`)
    return kind
  }
  const { items } = await client.definitions.list()
  const [kind, other] = kinds.filter((one) => items.some((item) => item.kind === one && item.name === name))
  if (kind === undefined) throw fail('definition.not_found', { kind: 'endpoint or feature service', name })
  if (other !== undefined)
    throw usageError(`both an endpoint and a feature service are named "${name}": say which with --kind`)
  return kind
}

function timesOf({ from, until }: ConsistencyFlags): { from: number; until: number } {
  const params = { from: { type: 'timestamp' as const }, until: { type: 'timestamp' as const } }
  const times = parseParams({ name: 'consistency', params }, [`from=${from}`, `until=${until}`])
  return times as { from: number; until: number }
}

function shareOf(option: string, text: string): number {
  const share = text.trim() === '' ? Number.NaN : Number(text)
  if (!(share >= 0 && share <= 1)) throw usageError(`--${option} takes a share from 0 to 1, got "${text}"`)
  return share
}
