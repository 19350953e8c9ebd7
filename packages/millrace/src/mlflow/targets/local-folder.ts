import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fail } from '@millrace/protocol/errors'
import type { PutFile, TargetFolder } from '../move/target.ts'
import { localArtifacts } from '../sources/local-artifacts.ts'

/** Artifacts as files of this machine. Files are renamed into place when they are whole. */
export function localFolder(folder: string, location: string): TargetFolder {
  return {
    location,
    async listFiles() {
      const files = new Map<string, PutFile>()
      for await (const { path, size } of localArtifacts(folder).list()) {
        files.set(path, { size, digest: await digestOf(join(folder, path)) })
      }
      return files
    },
    async putFile(path, open) {
      if (path.split('/').some((part) => part === '..' || part === '' || part.includes('\\'))) {
        throw fail('mlflow.target_invalid', { target: folder, reason: `"${path}" would leave the folder.` })
      }
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      const unfinished = join(
        dirname(file),
        `.${basename(file).slice(0, 100)}.${randomBytes(6).toString('hex')}`,
      )
      let size = 0
      try {
        await pipeline(
          await open(),
          async function* (chunks) {
            for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
              size += chunk.length
              yield chunk
            }
          },
          createWriteStream(unfinished, { flush: true }),
        )
        await rename(unfinished, file)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
      return { size, digest: await digestOf(file) }
    },
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
