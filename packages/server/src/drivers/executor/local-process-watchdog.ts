import { Socket } from 'node:net'
import { lifelineFd } from './local-process-protocol.ts'

// Runs in a worker thread of the task process, so that it acts even while the task's own thread is busy: when the
// parent dies, the kernel closes the other end of the lifeline, and the whole process group goes.
const lifeline = new Socket({ fd: lifelineFd, readable: true, writable: false })
lifeline.on('error', endGroup)
lifeline.on('close', endGroup)
lifeline.resume()

function endGroup() {
  process.kill(-process.pid, 'SIGKILL')
}
