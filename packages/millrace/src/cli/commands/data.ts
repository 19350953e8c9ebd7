import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addDataAdd } from './data-add.ts'
import { addDataCheckout } from './data-checkout.ts'
import { addDataDvc } from './data-dvc.ts'
import { addDataInfer } from './data-infer.ts'
import { addDataIngest } from './data-ingest.ts'
import { addDataKeeping } from './data-keeping.ts'
import { addDataLooks } from './data-looks.ts'
import { addDataPush } from './data-push.ts'
import { addDataRejected } from './data-rejected.ts'
import { addDataValidate } from './data-validate.ts'

/** Commands for versioned data. @param failed Called when a version does not meet what it must. */
export function addData(program: Command, terminal: Terminal, failed: () => void): void {
  const command = program
    .command('data')
    .description('keep data as versions, compare them, and get them back')
    .helpCommand(false)
  addDataAdd(command, terminal)
  addDataCheckout(command, terminal)
  addDataLooks(command, terminal)
  addDataIngest(command, terminal)
  addDataPush(command, terminal)
  addDataInfer(command, terminal)
  addDataRejected(command, terminal)
  addDataKeeping(command, terminal)
  addDataDvc(command, terminal)
  addDataValidate(command, terminal, failed)
}
