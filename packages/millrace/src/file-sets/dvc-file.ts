import type { DvcOutput } from '@millrace/client'
import { fail } from '@millrace/protocol/errors'
import { parse, stringify } from 'yaml'

/** What a `.dvc` file says. */
export interface DvcFile extends DvcOutput {
  /** Beside the file. */
  path: string
}

/** The file as `dvc add` writes it, byte for byte. */
export function dvcFileText({ md5, size, nfiles, path }: DvcFile): string {
  const lines = [`- md5: ${md5}`, `  size: ${size}`]
  if (nfiles !== undefined) lines.push(`  nfiles: ${nfiles}`)
  lines.push('  hash: md5', `  path: ${stringify(path, { singleQuote: true, lineWidth: 0 }).trimEnd()}`)
  return `outs:\n${lines.join('\n')}\n`
}

/** @throws `dvc.file_invalid` unless it names one output by the MD5 of its bytes */
export function parseDvcFile(name: string, text: string): DvcFile {
  const invalid = (reason: string, cause?: unknown) => fail('dvc.file_invalid', { path: name, reason }, cause)
  let parsed: { outs?: unknown } | null
  try {
    parsed = parse(text) as typeof parsed
  } catch (error) {
    throw invalid('it is no YAML', error)
  }
  const outs = parsed?.outs
  if (!Array.isArray(outs) || outs.length !== 1) throw invalid('it does not have exactly one output')
  const { md5, size, nfiles, hash, path } = (outs[0] ?? {}) as Record<string, unknown>
  if (hash !== 'md5') {
    throw invalid('it was written by DVC 2, which took other hashes; run "dvc cache migrate --dvc-files"')
  }
  if (typeof md5 !== 'string' || !/^[0-9a-f]{32}(\.dir)?$/.test(md5)) throw invalid('its output has no MD5')
  if (typeof path !== 'string' || path === '') throw invalid('its output has no path')
  return {
    md5,
    path,
    size: typeof size === 'number' ? size : 0,
    ...(typeof nfiles === 'number' && { nfiles }),
  }
}
