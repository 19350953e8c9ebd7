import type { Client } from '@millrace/client'
import { fail, isPlatformError } from '@millrace/protocol/errors'
import type { Command } from 'commander'
import type { ClientFlags } from './client-options.ts'
import { usageError } from './usage-error.ts'

export interface KindFlags extends ClientFlags {
  dataset?: boolean
  fileSet?: boolean
}

export type DataKind = 'dataset' | 'file-set'

/** Adds the options that say what a name is that both a dataset and a file set have. */
export function withKindOptions(command: Command): Command {
  return command
    .option('--dataset', 'the name is that of a dataset, where there is a file set of that name, too')
    .option('--file-set', 'the name is that of a file set')
}

/**
 * What has that name.
 * @throws `data.not_found`; a usage error if both have it and the flags do not say which is meant
 */
export async function kindOf(
  { datasets, fileSets }: Pick<Client, 'datasets' | 'fileSets'>,
  name: string,
  { dataset, fileSet }: KindFlags,
): Promise<DataKind> {
  if (dataset && fileSet) throw usageError('--dataset and --file-set exclude each other')
  if (dataset) return 'dataset'
  if (fileSet) return 'file-set'
  const [isDataset, isFileSet] = await Promise.all([
    isThere(datasets.versions(name, { limit: 1 }).then(({ items }) => items.length > 0)),
    isThere(fileSets.version(name, 'latest').then(() => true)),
  ])
  if (isDataset && isFileSet)
    throw usageError(`"${name}" is a dataset and a file set: add --dataset or --file-set`)
  if (!isDataset && !isFileSet) throw fail('data.not_found', { name })
  return isDataset ? 'dataset' : 'file-set'
}

async function isThere(asking: Promise<boolean>): Promise<boolean> {
  try {
    return await asking
  } catch (error) {
    // A name that only a dataset may have is an invalid one of a file set.
    const codes = ['file_set.not_found', 'file_set.name_invalid']
    if (isPlatformError(error) && codes.includes(error.code)) return false
    throw error
  }
}
