import test from 'ava'
import { SimClock } from '../../../sim/fakes/index.ts'
import { SimScheduler } from '../../../sim/scheduler.ts'

test('nothing given to a stopped clock runs, before or after', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const clock = new SimClock(scheduler, { name: 'hub' })
  clock.schedule(5, () => t.fail('a timer ran'))
  clock.endOfTurn(() => t.fail('a turn ran'))
  clock.stop()
  clock.schedule(5, () => t.fail('a timer ran'))
  clock.endOfTurn(() => t.fail('a turn ran'))
  t.true(scheduler.runUntilIdle({ msMax: 100 }))
})

test('a task that stops its own clock is the last one', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const clock = new SimClock(scheduler, { name: 'hub' })
  clock.endOfTurn(() => clock.stop())
  clock.endOfTurn(() => t.fail('it outlived the crash'))
  scheduler.runUntilIdle({ msMax: 100 })
  t.pass()
})

test('a broker that starts again counts monotonic time from its own start', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  scheduler.runUntil(10_000)
  const clock = new SimClock(scheduler, { name: 'hub' })
  t.is(clock.monotonicMs(), 1_000)
  scheduler.runFor(5)
  t.is(clock.monotonicMs(), 1_005)
})

test('wall clocks differ and step, monotonic time does not', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const right = new SimClock(scheduler, { name: 'hub' })
  const wrong = new SimClock(scheduler, { name: 'spoke', wallOffsetMs: -3_600_000 })
  t.is(right.wallMs() - wrong.wallMs(), 3_600_000)
  const beforeMs = wrong.monotonicMs()
  wrong.stepWall(3_600_500)
  t.is(wrong.wallMs() - right.wallMs(), 500)
  t.is(wrong.monotonicMs(), beforeMs)
})

test('longer turns gather more input', (t) => {
  const tasksOf = (turnUsMax: number) => {
    const scheduler = new SimScheduler({ seed: 7 })
    const clock = new SimClock(scheduler, { name: 'hub', turnUsMax })
    let turns = 0
    let gathered = 0
    const input = () => {
      if (gathered === 0) {
        clock.endOfTurn(() => {
          turns += 1
          gathered = 0
        })
      }
      gathered += 1
    }
    for (let i = 1; i <= 100; i += 1) scheduler.atUs(i * 10, input)
    scheduler.runUntilIdle({ msMax: 100 })
    return turns
  }
  t.is(tasksOf(0), 100)
  t.true(tasksOf(500) < 30)
})
