import test from 'ava'
import { SimClock, SimLoop, SimStore } from '../../../sim/fakes/index.ts'
import { SimScheduler } from '../../../sim/scheduler.ts'

function world() {
  const scheduler = new SimScheduler({ seed: 1 })
  const loop = new SimLoop(scheduler)
  return { scheduler, loop, clock: new SimClock(scheduler, { name: 'hub', loop }) }
}

test('an open loop runs what enters at once', (t) => {
  const { loop } = world()
  let runs = 0
  loop.enter('input', () => {
    runs += 1
  })
  t.is(runs, 1)
})

test('a paused loop runs nothing; resumed, overdue timers come first, at once', (t) => {
  const { scheduler, loop, clock } = world()
  const ran: string[] = []
  const note = (what: string) => () => void ran.push(`${what}@${scheduler.nowMs}`)
  clock.schedule(10, note('timer 10'))
  clock.schedule(30, note('timer 30'))
  clock.schedule(500, note('timer 500'))
  loop.pause()
  scheduler.runUntil(20)
  loop.enter('input', note('input'))
  scheduler.runUntil(100)
  t.deepEqual(ran, [])
  const beforeMs = clock.monotonicMs()
  loop.resume()
  scheduler.runUntil(600)
  t.deepEqual(ran, ['timer 10@100', 'timer 30@100', 'input@100', 'timer 500@500'])
  t.is(clock.monotonicMs() - beforeMs, 500)
})

test('a timer that is cancelled while its loop is paused never runs', (t) => {
  const { scheduler, loop, clock } = world()
  const cancel = clock.schedule(10, () => t.fail('it ran'))
  clock.schedule(5, cancel)
  loop.pause()
  scheduler.runUntil(50)
  loop.resume()
  scheduler.runUntil(100)
  t.true(scheduler.runUntilIdle({ msMax: 1_000 }))
})

test('a turn that a pause cut short ends before anything else', (t) => {
  const { scheduler, loop, clock } = world()
  const ran: string[] = []
  clock.schedule(10, () => ran.push('timer'))
  clock.endOfTurn(() => ran.push('turn'))
  loop.pause()
  scheduler.runUntil(50)
  loop.resume()
  scheduler.runUntil(60)
  t.deepEqual(ran, ['turn', 'timer'])
})

test('a slow loop is busy after each turn, as much as its factor says', (t) => {
  const tookMs = (factor: number): number => {
    const { scheduler, loop } = world()
    loop.slowDown(factor)
    let lastMs = 0
    for (let i = 0; i < 101; i += 1) {
      loop.enter('input', () => {
        lastMs = scheduler.nowMs
      })
    }
    scheduler.runUntil(60_000)
    return lastMs
  }
  t.is(tookMs(1), 0)
  t.is(tookMs(100), 1_000)
  t.is(tookMs(200), 2_000)
})

test('a loop that is no longer slow runs everything at once again', (t) => {
  const { scheduler, loop } = world()
  loop.slowDown(1_000)
  loop.enter('input', () => {})
  scheduler.runUntil(1)
  loop.slowDown(1)
  scheduler.runUntil(2)
  let hasRun = false
  loop.enter('input', () => {
    hasRun = true
  })
  t.true(hasRun)
})

test('readers and what enters take turns at a slow loop', (t) => {
  const { scheduler, loop } = world()
  loop.slowDown(1_000)
  const ran: string[] = []
  const reader = {
    isDue: true,
    onLoopFree: () => {
      if (!loop.mayRead(reader)) return
      ran.push('read')
      loop.spend(0)
      loop.mayRead(reader)
    }
  }
  for (let i = 0; i < 3; i += 1) loop.enter('input', () => ran.push('input'))
  t.false(loop.mayRead(reader))
  scheduler.runUntil(1_000)
  t.deepEqual(ran.slice(0, 6), ['input', 'read', 'input', 'read', 'input', 'read'])
})

test('nothing runs in a loop that is stopped', (t) => {
  const { scheduler, loop } = world()
  loop.pause()
  loop.enter('input', () => t.fail('it ran'))
  loop.stop()
  loop.resume()
  loop.enter('timer', () => t.fail('it ran'))
  t.true(scheduler.runUntilIdle({ msMax: 100 }))
})

test('a disk goes on while its process is paused, which hears of it afterwards', (t) => {
  const { scheduler, loop } = world()
  const store = new SimStore(scheduler, { name: 'hub', loop })
  let isDone = false
  store.setFact('key', 'value')
  store.commit(() => {
    isDone = true
  })
  loop.pause()
  scheduler.runUntil(100)
  t.is(store.fact('key'), 'value')
  t.false(isDone)
  loop.resume()
  scheduler.runUntil(101)
  t.true(isDone)
})

test('a store with a fault fails every commit, with its reason, until it is mended', (t) => {
  const { scheduler } = world()
  const store = new SimStore(scheduler, { name: 'hub' })
  const outcomes: string[] = []
  const commit = (): void => {
    store.setFact('key', String(outcomes.length))
    store.commit((error) => outcomes.push(error?.message ?? 'done'))
    scheduler.runFor(100)
  }
  store.setFault('the disk is full')
  commit()
  commit()
  store.setFault(undefined)
  commit()
  const failed = 'commit failed: the disk is full'
  t.deepEqual(outcomes, [failed, failed, 'done'])
  t.is(store.fact('key'), '2')
})
