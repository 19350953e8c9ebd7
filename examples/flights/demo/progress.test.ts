import { describe, expect, it } from 'vitest'
import { createProgress } from './progress.ts'

function lines() {
  let now = 0
  const written: string[] = []
  const out = { isTTY: false, write: (text: string) => written.push(text) }
  const progress = createProgress(out as unknown as NodeJS.WriteStream, () => now)
  return { progress, written, wait: (ms: number) => (now += ms) }
}

describe('progress', () => {
  it('says rows, rate and time left', () => {
    const { progress, written, wait } = lines()
    progress.stage('replay')
    wait(5000)
    progress.update(100, 2000, 'requests')
    wait(5000)
    progress.update(600, 2000, 'requests')
    expect(written.at(-1)).toBe('  ....  replay: 600/2,000 requests, 100/s, 14.0 s left\n')
  })

  it('does not count for the rate what was done before the stage was taken up again', () => {
    const { progress, written, wait } = lines()
    progress.stage('replay')
    progress.update(500, 2000, 'requests')
    progress.stage('training')
    wait(7000)
    progress.stage('replay')
    wait(5000)
    progress.update(600, 2000, 'requests')
    expect(written.at(-1)).toBe('  ....  replay: 600/2,000 requests\n')
    wait(5000)
    progress.update(700, 2000, 'requests')
    expect(written.at(-1)).toBe('  ....  replay: 700/2,000 requests, 20/s, 65.0 s left\n')
  })

  it('has no rate where nothing is counted', () => {
    const { progress, written, wait } = lines()
    progress.stage('ingest')
    wait(5000)
    progress.fraction(0.254, 'sorting')
    expect(written.at(-1)).toBe('  ....  ingest: 25 % sorting\n')
  })
})
