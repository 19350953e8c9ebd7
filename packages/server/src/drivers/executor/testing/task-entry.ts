import { runContractTask } from '../../../ports/testing/executor-tasks.ts'
import { serveTask } from '../local-process-child.ts'

serveTask(runContractTask, process.env)
