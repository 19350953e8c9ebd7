import { fail } from '@millrace/protocol'
import { createClient, defineScript, ErrorReply, RESP_TYPES } from '@redis/client'
import { contentOf, createdVersion, headBytes, isGreaterRow, unpackRow } from '../../ports/online-row.ts'
import type { OnlineRow, OnlineStore, OnlineValue } from '../../ports/online-store.ts'

export interface RedisOptions {
  /** `redis://[user@]host[:port][/database]`, `rediss://…` for TLS. */
  url: string
  /** Default: the one in the URL. */
  password?: string
  /** Of all keys, so that several installations may share a database. Default: `millrace:online:`. */
  prefix?: string
}

const connectMs = 5000
/** A server that is connected but does not answer must not hold up requests. */
const answerMs = 2000
const longestPauseMs = 2000
const timeBytes = 8
const fieldsPerStep = 1000
/** How often a write is tried that others write the same rows of the same times in between. */
const tieRounds = 50

/**
 * A field is an entity's key, its value the event time (a little-endian double) and the packed row. The script runs as
 * a whole, so nobody writes between its comparison and its write.
 */
const writeRows = defineScript({
  SCRIPT: `local function replaces(row, known)
  local time, before = struct.unpack('<d', row), struct.unpack('<d', known)
  if time ~= before then return time > before end
  for _, one in ipairs({row, known}) do
    if string.byte(one, ${timeBytes + 1}) ~= ${createdVersion} then return true end
  end
  return struct.unpack('<d', row, ${timeBytes + headBytes + 1}) >= struct.unpack('<d', known, ${timeBytes + headBytes + 1})
end
local taken = 0
for i = 1, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if not known or replaces(ARGV[i + 1], known) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    taken = taken + 1
  end
end
return taken`,
  NUMBER_OF_KEYS: 1,
  parseCommand(parser, key: string, fields: (string | Buffer)[]) {
    parser.pushKey(key)
    for (const field of fields) parser.push(field)
  },
  transformReply: (reply: unknown) => Number(reply),
})

/**
 * The same where the greater of two rows of one time counts. Which one is the greater is decided outside: a field with
 * another row of its time is written if that row is the one expected. If one is not, nothing is written, and the answer
 * has the place of each such field and what it holds.
 */
const writeGreatest = defineScript({
  SCRIPT: `local ties, taken = {}, {}
for i = 1, #ARGV, 3 do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  local before = known and struct.unpack('<d', known)
  local time = struct.unpack('<d', ARGV[i + 1])
  if not known or before < time then
    taken[#taken + 1] = i
  elseif before == time and known ~= ARGV[i + 1] then
    if known == ARGV[i + 2] then
      taken[#taken + 1] = i
    else
      ties[#ties + 1] = tostring((i - 1) / 3)
      ties[#ties + 1] = known
    end
  end
end
if #ties > 0 then return ties end
for _, i in ipairs(taken) do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
return #taken`,
  NUMBER_OF_KEYS: 1,
  parseCommand(parser, key: string, fields: (string | Buffer)[]) {
    parser.pushKey(key)
    for (const field of fields) parser.push(field)
  },
  transformReply: (reply: unknown) => reply as number | Buffer[],
})

/** Removes those of the fields that are still older. */
const removeFields = defineScript({
  SCRIPT: `local removed = 0
for i = 2, #ARGV do
  local known = redis.call('HGET', KEYS[1], ARGV[i])
  if known and struct.unpack('<d', known) < struct.unpack('<d', ARGV[1]) then
    redis.call('HDEL', KEYS[1], ARGV[i])
    removed = removed + 1
  end
end
return removed`,
  NUMBER_OF_KEYS: 1,
  parseCommand(parser, key: string, time: Buffer, fields: Buffer[]) {
    parser.pushKey(key)
    for (const value of [time, ...fields]) parser.push(value)
  },
  transformReply: (reply: unknown) => Number(reply),
})

/**
 * The online store in Redis 6 or newer, or Valkey: a hash per table. What a write has been told to be done is in the
 * server's memory; whether it survives the server is the server's setting (`appendonly`).
 * @throws `storage.unavailable` if the server does not answer at first; later it is connected to again
 */
export async function createRedisOnlineStore(options: RedisOptions): Promise<OnlineStore> {
  const { url, password, prefix = 'millrace:online:' } = options
  let isOpen = false
  const client = createClient({
    url,
    ...(password !== undefined && { password }),
    scripts: { writeRows, writeGreatest, removeFields },
    // Better no answer now than one that nobody waits for any more.
    disableOfflineQueue: true,
    commandOptions: { timeout: answerMs, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    socket: {
      connectTimeout: connectMs,
      reconnectStrategy: (tries) => (isOpen ? Math.min(longestPauseMs, 50 * 2 ** tries) : false),
    },
  })
  // Whoever calls meanwhile is told; without a listener the process would end.
  client.on('error', () => undefined)
  await translate(() => client.connect())
  isOpen = true

  /** Each round decides the ties that the one before met; a tie can be met again only where somebody else wrote. */
  async function writeGreatestRows(table: string, rows: readonly OnlineRow[]): Promise<number> {
    let pending = greatestRows(rows).map(([key, row]) => ({ key, row, expected: Buffer.alloc(0) as Buffer }))
    for (let round = 0; round < tieRounds && pending.length > 0; round++) {
      const fields = pending.flatMap(({ key, row, expected }) => [key, row, expected])
      const answer = await client.writeGreatest(table, fields)
      if (!Array.isArray(answer)) return answer
      const lost = new Set<number>()
      for (let i = 0; i < answer.length; i += 2) {
        const place = Number(answer[i])
        pending[place].expected = answer[i + 1]
        if (!isGreaterRow(rowIn(pending[place].row), rowIn(answer[i + 1]))) lost.add(place)
      }
      pending = pending.filter((_, place) => !lost.has(place))
    }
    if (pending.length === 0) return 0
    throw new Error(`${tieRounds} writes of others to "${table}" came between`)
  }

  return {
    async write(table, rows, { ties = 'replace' } = {}) {
      if (rows.length === 0) return 0
      if (ties === 'greatest') return translate(() => writeGreatestRows(prefix + table, rows))
      return translate(() => client.writeRows(prefix + table, rows.flatMap(toField)))
    },
    async read(lookups) {
      // Sent together: commands of one turn of the event loop are one trip.
      return translate(() =>
        Promise.all(
          lookups.map(async ({ table, keys }) => {
            if (keys.length === 0) return []
            const found = await client.hmGet(prefix + table, [...keys])
            return found.map((value) => toValue(value as Buffer | null))
          }),
        ),
      )
    },
    async removeOlder(table, time) {
      return translate(async () => {
        let removed = 0
        let cursor = '0'
        do {
          const page = await client.hScan(prefix + table, cursor, { COUNT: fieldsPerStep })
          const entries = page.entries as unknown as { field: Buffer; value: Buffer }[]
          const older = entries.filter(({ value }) => value.readDoubleLE(0) < time).map(({ field }) => field)
          if (older.length > 0) removed += await client.removeFields(prefix + table, timeBytesOf(time), older)
          cursor = String(page.cursor)
        } while (cursor !== '0')
        return removed
      })
    },
    async count(table) {
      return translate(() => client.hLen(prefix + table))
    },
    async drop(table) {
      await translate(() => client.unlink(prefix + table))
    },
    async close() {
      if (client.isOpen) client.destroy()
    },
  }
}

function toField(row: OnlineRow): [string, Buffer] {
  return [row.key, Buffer.concat([timeBytesOf(row.eventTime), contentOf(row)])]
}

/** Of rows with one key those that count, as fields. */
function greatestRows(rows: readonly OnlineRow[]): [string, Buffer][] {
  const found = new Map<string, Buffer>()
  for (const [key, row] of rows.map(toField)) {
    const other = found.get(key)
    const later = other ? row.readDoubleLE(0) - other.readDoubleLE(0) : 1
    if (later > 0 || (other && later === 0 && isGreaterRow(rowIn(row), rowIn(other)))) found.set(key, row)
  }
  return [...found]
}

function rowIn(field: Buffer): Buffer {
  return field.subarray(timeBytes)
}

function timeBytesOf(time: number): Buffer {
  const bytes = Buffer.alloc(timeBytes)
  bytes.writeDoubleLE(time)
  return bytes
}

function toValue(bytes: Buffer | null): OnlineValue | undefined {
  if (bytes === null) return undefined
  return { eventTime: bytes.readDoubleLE(0), values: unpackRow(bytes.subarray(timeBytes)) }
}

async function translate<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    const { message } = error as Error
    if (error instanceof TypeError) throw error
    if (error instanceof ErrorReply && message.includes('OOM ')) {
      throw fail('storage.full', { what: 'online features' }, error)
    }
    throw fail('storage.unavailable', { reason: `online store: ${message || String(error)}` }, error)
  }
}
