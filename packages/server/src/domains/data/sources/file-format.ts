import { type FileFormat, fail } from '@millrace/protocol'
import { extensions } from './source-files.ts'

/** The format that the end of a name says. @throws `dataset.source_unreadable` if it says none */
export function formatOf(dataset: string, path: string): FileFormat {
  const name = path.toLowerCase()
  const formats = Object.keys(extensions) as FileFormat[]
  const found = formats.find((format) => extensions[format].some((extension) => name.endsWith(extension)))
  if (found) return found
  throw fail('dataset.source_unreadable', {
    dataset,
    path,
    reason: `its name does not say the format; give one of ${formats.join(', ')}`,
  })
}
