export type Command =
  | { kind: 'help' }
  | { kind: 'list' }
  | { kind: 'run'; topics: string[]; only: string | undefined }
  | { kind: 'wrong'; message: string }

export const usage = `Usage: npm run bench -- <topic>... [--case <name>]

Measures Millrace against the tools that people use for the same job, in turn, on this machine.
Prints a line of machine facts, then one JSON line per number, and records both in
bench/<topic>/results.jsonl. Exits with 1 if a goal is missed. Without a topic: lists the topics.

  --case <name>   runs one case of the topic and records nothing
  --help          shows this text

Peers are Python packages in pinned versions; the first run installs them under bench/.peers.`

/** Reads the arguments of `npm run bench --`, given the topics that there are. */
export function parseCommandLine(args: readonly string[], topics: readonly string[]): Command {
  if (args.includes('--help') || args.includes('-h')) return { kind: 'help' }
  const chosen: string[] = []
  let only: string | undefined
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg === '--case') {
      only = args[++i]
      if (only === undefined) return { kind: 'wrong', message: '--case needs the name of a case' }
    } else if (arg.startsWith('-')) {
      return { kind: 'wrong', message: `There is no option ${arg}; see --help` }
    } else if (!topics.includes(arg)) {
      return { kind: 'wrong', message: `There is no topic "${arg}"; topics are: ${topics.join(', ')}` }
    } else if (!chosen.includes(arg)) {
      chosen.push(arg)
    }
  }
  if (chosen.length > 0) return { kind: 'run', topics: chosen, only }
  return only === undefined ? { kind: 'list' } : { kind: 'wrong', message: '--case needs a topic' }
}
