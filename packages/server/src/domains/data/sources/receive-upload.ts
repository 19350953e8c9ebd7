import { mkdir, open, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { type DatasetDefinition, fail } from '@millrace/protocol'
import type { IngestInput } from '../ingestion.ts'
import { digestFile } from '../part.ts'
import { formatOf } from './file-format.ts'
import type { Source } from './source.ts'
import { summaryOf } from './source-files.ts'

/** Keeps the file of an upload in a folder of its own. @throws `dataset.source_unreadable` if it is empty */
export async function receiveUpload(
  definition: DatasetDefinition,
  { upload, format: given, signal }: Pick<IngestInput, 'upload' | 'format' | 'signal'>,
  folder: string,
): Promise<Source> {
  if (!upload) throw new TypeError('There is no upload')
  const { name: dataset, source } = definition
  const { name } = upload
  const format = given ?? ('path' in source ? source.format : formatOf(dataset, name))
  await mkdir(folder)
  // The lake knows compression by the end of the name.
  const path = join(folder, extname(name).toLowerCase() === '.gz' ? 'file.gz' : 'file')
  const output = await open(path, 'wx')
  try {
    for await (const chunk of upload.body) {
      signal?.throwIfAborted()
      // The memory of a chunk is its sender's again when the next one is asked for: it has to be on its way to the disk.
      await output.writeFile(chunk)
    }
  } finally {
    await output.close()
  }
  const { size: bytes } = await stat(path)
  if (bytes === 0)
    throw fail('dataset.source_unreadable', { dataset, path: name, reason: 'the file is empty (0 bytes)' })
  const digest = await digestFile(path, signal)
  const options = format === 'csv' && source.format === 'csv' ? source.options : undefined
  // Files of one name are no versions of each other: each upload is its own.
  const file = { path, name: `upload:${digest.slice(0, 16)}/${name}`, bytes, digest }
  return { path: name, format, ...(options && { options }), ...summaryOf([file]) }
}
