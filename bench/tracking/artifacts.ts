import { createHash, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { getFromChild } from '../harness/child.ts'
import { median } from '../harness/measurement.ts'
import { memoryOfTree } from '../harness/process-tree.ts'
import { type Case, type CaseContext, checkSame, limitOn, peerName, rounds } from './case.ts'
import { alone, type Contender, contenders, type StartedServer, withServers } from './servers.ts'
import { createRun } from './wire.ts'

const megabytes = 1024
const copySpeedGoal = 0.7
const growthLimitMb = 100
const sampleMs = 100

/** Megabytes a second. */
interface Speeds {
  upload: number[]
  download: number[]
  /** By how many MB the server grew at most, both ways. */
  growth: number[]
}

/** A file of a gigabyte through the proxy for artifacts, and the same file copied on the same disk. */
export const transferArtifacts: Case = (context) =>
  withServers(context, async (servers) => {
    const file = join(context.workDir, 'artifact.bin')
    context.progress('writing the file')
    await writeRandomFile(file)
    try {
      const digest = await digestOf(createReadStream(file))
      const speeds: Record<Contender, Speeds> = { ours: none(), peer: none() }
      const copies: number[] = []
      const safeCopies: number[] = []
      for (let round = 0; round < rounds; round++) {
        context.progress(`round ${round + 1}: cp`)
        const { copied, safe } = await copy(file)
        copies.push(copied)
        safeCopies.push(safe)
        for (const contender of contenders) {
          context.progress(`round ${round + 1}: ${contender}`)
          await alone(servers, contender, (server) =>
            transfer(server, file, speeds[contender], round === 0 ? digest : undefined),
          )
        }
      }
      report(context, speeds, { copied: median(copies), safe: median(safeCopies) })
    } finally {
      await rm(file, { force: true })
    }
  })

const none = (): Speeds => ({ upload: [], download: [], growth: [] })

/** `digest`: the download must have it; it is checked in a download that is not measured. */
async function transfer(
  server: StartedServer,
  file: string,
  speeds: Speeds,
  digest: string | undefined,
): Promise<void> {
  const run = await createRun(server.url)
  const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/model.bin`
  const growth = await watchMemory(server.pid, async () => {
    speeds.upload.push(speedOf(await runTransfer('PUT', url, file)))
    speeds.download.push(speedOf(await runTransfer('GET', url, file)))
  })
  speeds.growth.push(growth)
  if (digest !== undefined) {
    const { body } = await fetch(url)
    if (!body) throw new Error(`${url} has no body`)
    checkSame('The digest of the download', await digestOf(body), digest)
  }
  const removed = await fetch(url, { method: 'DELETE' })
  if (!removed.ok) throw new Error(`Cannot delete ${url}: ${removed.status}`)
}

/**
 * Sends the file (PUT) or takes it in (GET) with curl, which needs a fraction of the processor that a client in Node
 * does; the server has the rest. Returns the milliseconds that it took.
 */
async function runTransfer(method: 'PUT' | 'GET', url: string, file: string): Promise<number> {
  const printed = await getFromChild('curl', [
    ...['--silent', '--show-error', '--fail', '--output', '/dev/null'],
    // Without it the client would ask first whether it may send, and wait for the answer.
    ...['--header', 'Expect:', '--header', 'Content-Type: application/octet-stream'],
    ...['--write-out', '%{time_total} %{size_upload} %{size_download}\n'],
    ...(method === 'PUT' ? ['--upload-file', file] : []),
    url,
  ])
  const [seconds, sent, received] = printed.split(' ').map(Number)
  checkSame(`The size of ${method} ${url}`, method === 'PUT' ? sent : received, (await stat(file)).size)
  return seconds * 1000
}

/** Copies the file as `cp` does, then waits for the disk to have it. */
async function copy(file: string): Promise<{ copied: number; safe: number }> {
  const target = `${file}.copy`
  try {
    const begin = performance.now()
    await getFromChild('cp', ['--reflink=never', file, target])
    const copied = speedOf(performance.now() - begin)
    const handle = await open(target, 'r+')
    await handle.sync()
    await handle.close()
    const safe = speedOf(performance.now() - begin)
    checkSame('The size of the copy', (await stat(target)).size, (await stat(file)).size)
    return { copied, safe }
  } finally {
    await rm(target, { force: true })
  }
}

/** By how many MB the processes of a server grow at most while `work` runs. */
async function watchMemory(pid: number, work: () => Promise<void>): Promise<number> {
  const before = await memoryOfTree(pid)
  let most = before
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = memoryOfTree(pid).then((now) => {
      most = Math.max(most, now)
    })
  }, sampleMs)
  try {
    await work()
  } finally {
    clearInterval(timer)
    await looking
  }
  return most - before
}

function speedOf(milliseconds: number): number {
  return megabytes / (milliseconds / 1000)
}

async function digestOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}

/** Bytes that no layer can compress or share. */
async function writeRandomFile(path: string): Promise<void> {
  const handle = await open(path, 'w')
  try {
    const block = Buffer.alloc(16 * 2 ** 20)
    for (let i = 0; i < megabytes / 16; i++) await handle.write(randomFillSync(block))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function report(
  context: CaseContext,
  { ours, peer }: Record<Contender, Speeds>,
  copies: { copied: number | null; safe: number | null },
): void {
  for (const way of ['upload', 'download'] as const) {
    const speed = { metric: way, unit: 'MB/s', better: 'higher', ours: median(ours[way]) } as const
    context.report({
      ...speed,
      peer: copies.safe,
      peerName: 'cp, then fsync',
      goal: copySpeedGoal,
    })
    context.report({ ...speed, peer: copies.copied, peerName: 'cp', goal: null })
    context.report({ ...speed, peer: median(peer[way]), peerName, goal: null })
  }
  const growth = { metric: 'growth of memory', unit: 'MB', better: 'lower' } as const
  const most = Math.max(...ours.growth)
  context.report(limitOn(growthLimitMb, { ...growth, ours: most }))
  context.report({ ...growth, ours: most, peer: Math.max(...peer.growth), peerName, goal: null })
}
