import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fail } from '@millrace/protocol'

const keyBytes = 32

/**
 * The key that secrets in the database are kept with: the configured one (64 hex digits), else a random one in a file
 * that only the owner can read, made at the first start. A copy of the database alone gives no secret away.
 * @throws `config.invalid` if it is no such key
 */
export async function openSecretKey(path: string, configured: string | null): Promise<Uint8Array> {
  if (configured !== null) return parseKey(configured, 'MILLRACE_SECRET_ENCRYPTION_KEY')
  try {
    return parseKey(await readFile(path, 'utf8'), path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  await writeFile(draft, `${randomBytes(keyBytes).toString('hex')}\n`, { mode: 0o600, flush: true })
  try {
    // A link is made whole or not at all, and never over the key of a process that was faster.
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft)
  }
  return parseKey(await readFile(path, 'utf8'), path)
}

function parseKey(text: string, where: string): Uint8Array {
  const hex = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw fail('config.invalid', { reason: `${where} must be ${keyBytes * 2} hex digits` })
  }
  return Buffer.from(hex, 'hex')
}
