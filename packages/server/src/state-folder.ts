import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { fail } from '@millrace/protocol'

/**
 * Makes the folder of the state if needed, before anything is written into it.
 * @throws `config.invalid` if it cannot be made or written to
 */
export async function openStateFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true })
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = `the folder ${dir} cannot be used for the state (${code ?? message}); choose another with --dir`
    throw fail('config.invalid', { reason }, error)
  }
}
