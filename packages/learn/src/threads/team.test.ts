import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { leadTeam } from './team.ts'
import {
  closeCommand,
  createControl,
  endTeam,
  enterCommand,
  leaveCommand,
  openCommand,
} from './team-control.ts'

describe('leadTeam', () => {
  it('is not held up by a helper that never comes', () => {
    const { port1, port2 } = new MessageChannel()
    const team = leadTeam(() => () => (_, piece) => piece * 2, createControl(), [port1])
    const job = team.start('double', {})
    expect(job.run(0, 5)).toEqual([0, 2, 4, 6, 8])
    expect(job.run(0, 1)).toEqual([0])
    team.end()
    port1.close()
    port2.close()
  })
})

describe('a command', () => {
  it('lets helpers in until it is closed', () => {
    const shared = createControl()
    expect(enterCommand(shared)).toBe('too late')
    openCommand(shared, 3, 7)
    expect([enterCommand(shared), enterCommand(shared)]).toEqual(['inside', 'inside'])
    leaveCommand(shared)
    leaveCommand(shared)
    closeCommand(shared)
    expect(enterCommand(shared)).toBe('too late')
    endTeam(shared)
    expect(enterCommand(shared)).toBe('ended')
  })
})
