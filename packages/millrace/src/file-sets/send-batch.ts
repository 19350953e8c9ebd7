import { openAsBlob } from 'node:fs'
import type { Client, FileEntry } from '@millrace/client'
import type { ReadBatch } from './read-folder.ts'

/** Bytes that the entry of a file in the header of a batch has at most: digest, size and what is around them. */
export const headerBytes = 80

/** So much of what was asked for last has to be new for the next files to be sent without asking. */
const mostlyNew = 0.9

/** Sends the files of a batch. @returns bytes that were new to the server */
export type SendBatch = (batch: ReadBatch) => Promise<number>

type SmallFile = FileEntry & { at: number }

/**
 * Sends files that the server does not have. It asks which these are, but for the small ones after a batch that was
 * nearly all new: what is there already is not kept twice, and to ask takes nearly as long as to send them.
 */
export function createSender({ blobs }: Pick<Client, 'blobs'>, folder: string): SendBatch {
  let asks = true

  return async ({ files, memory, release }) => {
    const small = new Map<string, SmallFile>()
    const large = new Map<string, FileEntry>()
    for (const { at, ...file } of files) {
      if (at === undefined) large.set(file.digest, file)
      else if (!small.has(file.digest)) small.set(file.digest, { ...file, at })
    }
    const asked = asks ? [...small.keys(), ...large.keys()] : [...large.keys()]
    const missing = new Set(asked.length > 0 ? await blobs.missing(asked) : [])
    const sent = asks ? [...small.values()].filter(({ digest }) => missing.has(digest)) : [...small.values()]
    const added = { files: 0, bytes: 0 }
    if (sent.length > 0) {
      const answer = await blobs.putBatch(contentOf(sent, memory))
      added.files += answer.added.files
      added.bytes += answer.added.bytes
    }
    release()
    for (const { path, digest, size } of large.values()) {
      if (!missing.has(digest)) continue
      await blobs.put(digest, await openAsBlob(`${folder}/${path}`))
      added.bytes += size
    }
    if (small.size > 0) asks = added.files < small.size * mostlyNew
    return added.bytes
  }
}

/** A line of JSON that tells digests and sizes, and the bytes of all. */
function contentOf(files: readonly SmallFile[], memory: Buffer<ArrayBuffer>) {
  const header = Buffer.from(`${JSON.stringify(files.map(({ digest, size }) => [digest, size]))}\n`)
  const [{ at: begin }] = files
  const last = files[files.length - 1]
  const length = files.reduce((sum, { size }) => sum + size, 0)
  if (last.at + last.size - begin === length && header.byteLength <= begin) {
    // Nothing in between is left out, so that all is sent from where it lies.
    memory.set(header, begin - header.byteLength)
    return memory.subarray(begin - header.byteLength, begin + length)
  }
  return Buffer.concat([header, ...files.map(({ at, size }) => memory.subarray(at, at + size))])
}
