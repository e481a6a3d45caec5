import test from 'ava'
import { SimScheduler } from '../../sim/scheduler.ts'
import { AssertionFailure } from '../../src/base/index.ts'

test('events run in the order of their times, at those times', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const ran: number[] = []
  for (const delayMs of [5, 1, 3, 0.5]) scheduler.after(delayMs, () => ran.push(scheduler.nowMs))
  t.true(scheduler.runUntilIdle({ msMax: 100 }))
  t.deepEqual(ran, [0.5, 1, 3, 5])
  t.is(scheduler.steps, 4)
})

test('events of one instant run in an order drawn from the seed', (t) => {
  const orders = new Set<string>()
  for (let seed = 0; seed < 20; seed += 1) {
    t.is(orderOf(seed, false), orderOf(seed, false))
    orders.add(orderOf(seed, false))
  }
  t.true(orders.size > 10)
})

test('without chance, events of one instant run first come first served', (t) => {
  for (let seed = 0; seed < 5; seed += 1) t.is(orderOf(seed, true), '0123456789')
})

function orderOf(seed: number, isFifo: boolean): string {
  const scheduler = new SimScheduler({ seed, isFifo })
  let order = ''
  for (let i = 0; i < 10; i += 1) {
    scheduler.after(1, () => {
      order += i
    })
  }
  scheduler.runUntilIdle({ msMax: 10 })
  return order
}

test('ends of turns come after all input of their instant', (t) => {
  for (let seed = 0; seed < 20; seed += 1) {
    const scheduler = new SimScheduler({ seed })
    const ran: string[] = []
    scheduler.after(1, () => {
      scheduler.afterInput(0, () => ran.push('turn'))
      scheduler.after(0, () => ran.push('input'))
    })
    scheduler.after(1, () => ran.push('input'))
    scheduler.runUntilIdle({ msMax: 10 })
    t.deepEqual(ran, ['input', 'input', 'turn'])
  }
})

test('a cancelled event does not run, nor does its time come', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const cancel = scheduler.after(50, () => t.fail('it ran'))
  cancel()
  scheduler.after(1, () => {})
  t.true(scheduler.runUntilIdle({ msMax: 100 }))
  t.is(scheduler.nowMs, 1)
  t.false(scheduler.step())
})

test('running until a time runs what is due and stops there', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const ran: number[] = []
  for (const delayMs of [1, 2, 3]) scheduler.after(delayMs, () => ran.push(delayMs))
  scheduler.runUntil(2)
  t.deepEqual(ran, [1, 2])
  t.is(scheduler.nowMs, 2)
  scheduler.runFor(0.5)
  t.is(scheduler.nowMs, 2.5)
  scheduler.runUntil(1)
  t.is(scheduler.nowMs, 2.5)
})

test('a world that never rests is told apart from an idle one', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  const beat = () => {
    scheduler.after(10, beat)
  }
  beat()
  t.false(scheduler.runUntilIdle({ msMax: 1_000 }))
  t.true(scheduler.nowMs <= 1_000)
})

test('waiting for something ends when it is so, or when its time is over', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  let count = 0
  const beat = () => {
    count += 1
    scheduler.after(10, beat)
  }
  beat()
  t.true(scheduler.runWhileNot(() => count === 5, { msMax: 1_000 }))
  t.is(scheduler.nowMs, 40)
  t.false(scheduler.runWhileNot(() => false, { msMax: 100 }))
})

test('nothing is scheduled in the past, nor without bound', (t) => {
  const scheduler = new SimScheduler({ seed: 1, eventsMax: 10 })
  scheduler.runUntil(5)
  t.throws(() => scheduler.atUs(4_999, () => {}), { instanceOf: AssertionFailure })
  for (let i = 0; i < 10; i += 1) scheduler.after(1, () => {})
  t.throws(() => scheduler.after(1, () => {}), { instanceOf: AssertionFailure })
})

test('the trace hash tells runs apart by anything that was traced', (t) => {
  const hashes = new Set(
    [
      ['data', 'a', 1],
      ['data', 'a', 2],
      ['data', 'b', 1],
      ['close', 'a', 1],
      ['data', 'a', 2 ** 40],
      ['data', 'a', 0.25]
    ].map(([label, a, b]) => hashOf(String(label), String(a), Number(b)))
  )
  t.is(hashes.size, 6)
  t.is(hashOf('data', 'a', 1), hashOf('data', 'a', 1))
  t.regex(hashOf('data', 'a', 1), /^[0-9a-f]{16}$/)
})

function hashOf(label: string, a: string, b: number): string {
  const scheduler = new SimScheduler({ seed: 1 })
  scheduler.trace(label, a, b)
  return scheduler.traceHash
}

test('the latest events are kept for the report, oldest first, a bounded number', (t) => {
  const scheduler = new SimScheduler({ seed: 1 })
  for (let i = 0; i < 10_000; i += 1) scheduler.trace('beat', i, 0)
  t.deepEqual(
    scheduler.latest(2).map((event) => event.a),
    [9_998, 9_999]
  )
  t.is(scheduler.latest(100_000).length, 4_096)
})
