// Dead letters that another broker keeps: they get there, wait while they cannot, and are in one
// place whatever happens.

import test from 'ava'
import type { DeadLetterQueues, LettersMoved } from '../../src/admin/index.ts'
import { LetterBox } from '../../src/broker/index.ts'
import { TwoBrokers } from '../admin/two-brokers.ts'
import { aPolicy, BrokerWorld, bodyOf, numbers, TestConsumer } from '../support/broker-world.ts'

/** `b` makes a letter of a message that a client of `a` sent. */
function letterAtB(keeper: string): TwoBrokers {
  const policy = aPolicy({
    redelivery: { redeliveriesMax: 0 },
    deadLetter: { queue: 'own', broker: keeper }
  })
  const two = new TwoBrokers([policy])
  const { a, b } = two.stations
  const consumer = new TestConsumer()
  two.world.turn(() => {
    b.broker.subscribe({ kind: 'queue', pattern: 'orders', consumer, weight: 1 })
  })
  two.world.run(200)
  const client = two.client('a')
  two.world.turn(() => client.send('/queue/orders', 'bad'))
  if (!two.world.runUntil(() => consumer.unsettled.length > 0)) throw new Error('no message')
  two.world.turn(() => b.broker.refuse(consumer.unsettled.shift()!))
  two.world.run(500)
  if (a.broker.counters.deadLettered > 0) throw new Error('a made a letter')
  return two
}

function lettersAt(two: TwoBrokers, at: 'a' | 'b', queue = 'DLQ.orders'): string[] {
  return [...(two.stations[at].broker.queues.find(queue)?.browse() ?? [])].map(bodyOf)
}

test('a letter goes to the broker that took the message, if the policy says so', (t) => {
  const two = letterAtB('origin')
  t.deepEqual([lettersAt(two, 'a'), lettersAt(two, 'b')], [['bad'], []])
  const [letter] = two.stations.a.broker.queues.find('DLQ.orders')!.browse()
  t.is(letter!.header('dead-letter-reason'), 'refused')
  t.is(letter!.header('dead-letter-broker'), 'b')
  t.is(letter!.header('dead-letter-path'), 'a b')
  t.is(letter!.header('dead-letter-destination'), '/queue/orders')
})

test('a letter goes to a broker by name, or stays if that is the one that makes it', (t) => {
  const away = letterAtB('a')
  t.deepEqual([lettersAt(away, 'a'), lettersAt(away, 'b')], [['bad'], []])
  const here = letterAtB('b')
  t.deepEqual([lettersAt(here, 'a'), lettersAt(here, 'b')], [[], ['bad']])
})

test('while the broker is out of reach a letter waits, and can be sent back', (t) => {
  const two = letterAtB('nowhere')
  const queue = '_postroad.letters.nowhere'
  t.deepEqual(lettersAt(two, 'b', queue), ['bad'])
  const ask = (action: string): unknown =>
    two.ask('a', 'b', JSON.stringify({ command: 'dead-letters', action, queue }))
  t.is((ask('list') as DeadLetterQueues).queues[0]?.queue, queue)
  t.is((ask('retry') as LettersMoved).moved, 1)
  t.deepEqual(lettersAt(two, 'b', queue), [])
})

test('a letter too large for its way stays at the broker that made it', (t) => {
  const world = new BrokerWorld()
  const headers = 'dead-letter-queue:DLQ.orders\n'
  const letter = world.aMessage({ to: '_postroad.letters.hub', body: 'large', headers })
  t.true(world.broker.letters.bury(letter, { code: 'too-large', text: 'too large' }))
  t.deepEqual([...world.broker.queues.find('DLQ.orders')!.browse()].map(bodyOf), ['large'])
  t.is(world.broker.counters.deadLettered, 0)
})

test('letters that an earlier life left are put away though nothing new comes', (t) => {
  const world = new BrokerWorld()
  for (const body of numbers(20)) {
    const to = '_postroad.letters.hub'
    world.broker.acceptForwarded(world.aForwarded({ to, body, isPersistent: true }))
  }
  world.run(100)
  let box: LetterBox | undefined
  world.crash((broker) => {
    box = new LetterBox(broker, world.clock)
  })
  world.run(100)
  t.is(box?.credit, 256)
  t.deepEqual([...world.broker.queues.find('DLQ')!.browse()].map(bodyOf), numbers(20))
})

test('at any instant a crash finds a letter that has come in one place', (t) => {
  for (let ms = 0; ms < 30; ms += 1) {
    const world = new BrokerWorld({ queueWindowMessages: 4 })
    const box = new LetterBox(world.broker, world.clock)
    t.is(box.credit, 256)
    for (const body of numbers(20)) {
      const to = '_postroad.letters.hub'
      world.broker.acceptForwarded(world.aForwarded({ to, body, isPersistent: true }))
    }
    let isDurable = false
    world.broker.store.whenDurable(() => {
      isDurable = true
    })
    world.run(ms)
    const wasDurable = isDurable
    world.crash()
    const again = new LetterBox(world.broker, world.clock)
    world.run(200)
    t.true(again.credit > 0)
    const kept = [...(world.broker.queues.find('DLQ')?.browse() ?? [])].map(bodyOf)
    t.deepEqual([...new Set(kept)], kept, `after ${ms} ms`)
    if (wasDurable) t.is(kept.length, 20, `after ${ms} ms`)
  }
})
