// Letters taken out of their queue, to be sent back or to go: from memory and from disk alike, and
// each either here or there whatever happens.

import test from 'ava'
import { PostroadError } from '../../src/base/index.ts'
import {
  type DrainOutcome,
  type DrainWish,
  formerDestination,
  type Message
} from '../../src/broker/index.ts'
import { BrokerWorld, bodyOf, numbers } from '../support/broker-world.ts'

/** A world with that many letters of the queue `orders` in DLQ, bodies '1', '2' … */
function worldWithLetters(count: number, windowMessages = 8): BrokerWorld {
  const world = new BrokerWorld({ refusalsMax: 1, queueWindowMessages: windowMessages })
  const consumer = world.subscribe({ credit: count })
  for (const body of numbers(count)) {
    const headers = `n:${body}\n`
    world.publish({ body, headers, isPersistent: true, priority: 6 })
    world.broker.refuse(consumer.unsettled.shift()!)
    world.run(3)
  }
  consumer.die()
  world.run(100)
  return world
}

function drain(world: BrokerWorld, wish: Partial<DrainWish> = {}): () => DrainOutcome | undefined {
  let outcome: DrainOutcome | undefined
  world.broker.letters.drain(
    {
      queue: world.broker.queues.find('DLQ')!,
      messagesMax: 10_000,
      matches: () => true,
      take: () => true,
      ...wish
    },
    (result) => {
      outcome = result
    }
  )
  return () => outcome
}

function sendBack(world: BrokerWorld): (letter: Message) => boolean {
  return (letter) => {
    world.broker.letters.revive(letter, formerDestination(letter, world.broker.destinations)!)
    return true
  }
}

function bodiesIn(world: BrokerWorld, queue: string): string[] {
  return [...(world.broker.queues.find(queue)?.browse() ?? [])].map(bodyOf)
}

test('all letters go back in their order, as they were, from memory and from disk', (t) => {
  const world = worldWithLetters(100)
  t.true(world.broker.queues.find('DLQ')!.ready.length < 20)
  const outcome = drain(world, { take: sendBack(world) })
  world.run(3_000)
  t.like(outcome(), { taken: 100, end: 'searched' })
  t.is(world.broker.queues.find('DLQ')!.held, 0)
  t.deepEqual(bodiesIn(world, 'orders'), numbers(100))
  const consumer = world.subscribe()
  world.run(500)
  const { message, isRedelivered } = consumer.deliveries[0]!
  t.is(message.headers.toString('utf8', message.headersStart, message.headersEnd), 'n:1\n')
  t.true(message.isPersistent)
  t.is(message.priority, 6)
  t.false(isRedelivered)
})

test('only letters of the choice are taken, and others keep their places', (t) => {
  const world = worldWithLetters(60)
  const outcome = drain(world, { matches: (letter) => bodyOf(letter).endsWith('7') })
  world.run(3_000)
  t.is(outcome()?.taken, 6)
  t.deepEqual(
    bodiesIn(world, 'DLQ'),
    numbers(60).filter((body) => !body.endsWith('7'))
  )
})

test('no more are taken than were asked for', (t) => {
  const world = worldWithLetters(40)
  const outcome = drain(world, { messagesMax: 15 })
  world.run(3_000)
  t.like(outcome(), { taken: 15, end: 'enough' })
  t.deepEqual(bodiesIn(world, 'DLQ'), numbers(40, 16))
})

test('where there is no room any more the rest stays, not flagged', (t) => {
  const world = worldWithLetters(30)
  let room = 12
  const outcome = drain(world, { take: () => room-- > 0 })
  world.run(3_000)
  t.like(outcome(), { taken: 12, end: 'no-room' })
  const reader = world.subscribe({}, { pattern: 'DLQ' })
  world.run(500)
  t.deepEqual(reader.bodies(), numbers(30, 13))
})

test('a letter that cannot go back stays, and the error is told', (t) => {
  const world = worldWithLetters(3)
  const take = (): boolean => {
    throw new PostroadError('LOCAL_LIMIT_REACHED', 'no queue is left')
  }
  const outcome = drain(world, { take })
  world.run(3_000)
  t.is(outcome()?.error?.message, 'no queue is left')
  t.deepEqual(bodiesIn(world, 'DLQ'), numbers(3))
})

test('at any instant a crash finds each letter in one place, and only there', (t) => {
  for (let ms = 1; ms < 60; ms += 3) {
    const world = worldWithLetters(30)
    drain(world, { take: sendBack(world) })
    world.run(ms)
    world.crash()
    world.run(100)
    const all = [...bodiesIn(world, 'orders'), ...bodiesIn(world, 'DLQ')]
    t.deepEqual(all.sort(), numbers(30).sort(), `after ${ms} ms`)
  }
})

test('what is said to be done is on disk', (t) => {
  const world = worldWithLetters(50)
  let isDone = false
  world.broker.letters.drain(
    {
      queue: world.broker.queues.find('DLQ')!,
      messagesMax: 50,
      matches: () => true,
      take: sendBack(world)
    },
    () => {
      isDone = true
    }
  )
  for (let ms = 0; ms < 3_000 && !isDone; ms += 1) world.run(1)
  t.true(isDone)
  world.crash()
  world.run(100)
  t.deepEqual(bodiesIn(world, 'DLQ'), [])
  t.deepEqual(bodiesIn(world, 'orders'), numbers(50))
})

test('letters refused again at once are not taken a second time', (t) => {
  const world = worldWithLetters(20)
  const consumer = world.consumer()
  consumer.onDelivery = ({ entry }) =>
    world.clock.endOfTurn(() => {
      consumer.unsettled.splice(consumer.unsettled.indexOf(entry!), 1)
      world.broker.refuse(entry!)
    })
  world.attach(consumer)
  const outcome = drain(world, { messagesMax: 20, take: sendBack(world) })
  world.run(3_000)
  t.is(outcome()?.taken, 20)
  t.is(world.broker.queues.find('DLQ')!.waiting, 20)
  t.is(consumer.deliveries.length, 20)
})

test('there is no way back to temporary queues, dead-letter queues and from nowhere', (t) => {
  const world = new BrokerWorld()
  const { destinations } = world.broker
  for (const was of ['/temp-queue/hub.1.1', '/queue/DLQ', '/queue/DLQ.orders', '/queue/a..b', '']) {
    const headers = was === '' ? '' : `dead-letter-destination:${was}\n`
    t.is(formerDestination(world.aMessage({ headers }), destinations), undefined, was)
  }
})
