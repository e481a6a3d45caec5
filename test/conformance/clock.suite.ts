// The exam of every clock.

import type { TestFn } from 'ava'
import type { Clock } from '../../src/ports/index.ts'
import { suiteTest, type World } from './world.ts'

/** A clock and its world. */
export interface ClockWorld extends World {
  readonly clock: Clock
}

/** Registers the exam for the clocks that `factory` makes. */
export function clockSuite(test: TestFn, name: string, factory: () => ClockWorld): void {
  const titled = suiteTest(test, name, factory)
  timeSuite(titled)
  timerSuite(titled)
  turnSuite(titled)
}

type Titled = ReturnType<typeof suiteTest<ClockWorld>>

function timeSuite(titled: Titled): void {
  titled('monotonic time does not step back', async (t, { clock, idle }) => {
    const before = clock.monotonicMs()
    t.true(clock.monotonicMs() >= before)
    await idle()
    t.true(clock.monotonicMs() > before)
  })

  titled('wall time is milliseconds since 1970', async (t, { clock }) => {
    t.true(clock.wallMs() > Date.UTC(2020, 0))
    t.true(clock.wallMs() < Date.UTC(2200, 0))
  })
}

function timerSuite(titled: Titled): void {
  for (const delayMs of [0, 0.5, 1, 7.3, 20]) {
    titled(`runs a task once and not before ${delayMs} ms`, async (t, { clock, run, idle }) => {
      const startMs = clock.monotonicMs()
      const ranAtMs: number[] = []
      clock.schedule(delayMs, () => ranAtMs.push(clock.monotonicMs()))
      t.is(ranAtMs.length, 0)
      await run('the task', () => ranAtMs.length > 0)
      // Times are doubles: their difference may be off in the last place.
      t.true(ranAtMs[0]! - startMs >= delayMs - 1e-9)
      await idle()
      t.is(ranAtMs.length, 1)
    })
  }

  titled('runs the sooner task first', async (t, { clock, run }) => {
    const ran: string[] = []
    clock.schedule(30, () => ran.push('later'))
    clock.schedule(5, () => ran.push('sooner'))
    await run('both tasks', () => ran.length === 2)
    t.deepEqual(ran, ['sooner', 'later'])
  })

  titled('a cancelled task does not run', async (t, { clock, idle }) => {
    let hasRun = false
    const cancel = clock.schedule(1, () => {
      hasRun = true
    })
    cancel()
    cancel()
    await idle()
    t.false(hasRun)
  })

  titled('cancelling after the task ran is harmless', async (t, { clock, run }) => {
    let count = 0
    const cancel = clock.schedule(1, () => {
      count += 1
    })
    await run('the task', () => count > 0)
    t.notThrows(cancel)
    t.is(count, 1)
  })
}

function turnSuite(titled: Titled): void {
  titled('runs end-of-turn tasks later, once, in order', async (t, { clock, run, idle }) => {
    const ran: number[] = []
    for (const index of [1, 2, 3]) clock.endOfTurn(() => ran.push(index))
    t.deepEqual(ran, [])
    await run('the tasks', () => ran.length >= 3)
    await idle()
    t.deepEqual(ran, [1, 2, 3])
  })

  titled('an end-of-turn task given by another runs in a later turn', async (t, { clock, run }) => {
    const ran: string[] = []
    clock.endOfTurn(() => {
      clock.endOfTurn(() => ran.push('inner'))
      ran.push('outer')
    })
    clock.endOfTurn(() => ran.push('second'))
    await run('all three', () => ran.length === 3)
    t.deepEqual(ran, ['outer', 'second', 'inner'])
  })

  titled('a turn ends before a timer of its own is due', async (t, { clock, run }) => {
    const ran: string[] = []
    clock.schedule(10, () => ran.push('timer'))
    clock.endOfTurn(() => ran.push('turn'))
    await run('both', () => ran.length === 2)
    t.deepEqual(ran, ['turn', 'timer'])
  })
}
