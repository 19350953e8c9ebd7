import { type ByteRange, boundsOf } from '../../artifacts/index.ts'
import type { BlobStore } from './blob-store.ts'

/** A blob as `sendFile` answers with it, under the name of a file. */
export function blobSource(blobs: BlobStore, file: { path: string; digest: string; size: number }) {
  return {
    find: async () => file,
    async open(bytes?: ByteRange) {
      const range = boundsOf(file, bytes)
      return { artifact: file, range, body: await blobs.open(file.digest, bytes && range) }
    },
  }
}
