// Places where persistent messages wait for other brokers: on disk, in order, for as long as it
// takes; what leaves them when, and who waits when one is full.

import test from 'ava'
import fc from 'fast-check'
import type { Message } from '../../../src/broker/index.ts'
import { bodyOf, numbers } from '../../support/broker-world.ts'
import { ForwardingWorld } from './forwarding-world.ts'

const prices = { kind: 'topic', to: 'prices', isPersistent: true } as const
const fewInMemory = { queueWindowMessages: 4, queueWindowBytes: 4_096 }

/** A broker `hub` that publishes for durable subscriptions at `b`, which is out of reach. */
function cutOff(facts: ConstructorParameters<typeof ForwardingWorld>[1] = {}): ForwardingWorld {
  const world = new ForwardingWorld(['hub-b'], facts)
  world.want('b', 'durable://prices')
  world.partUp('hub-b')
  return world
}

function placesOf({ router }: ForwardingWorld) {
  return router.places!
}

function bodiesSent(world: ForwardingWorld): string[] {
  return world.sent().map((copy) => copy.slice(copy.indexOf(':') + 1, copy.indexOf('>')))
}

test('messages for a broker that is gone wait on disk, and leave in order when it is back', (t) => {
  const world = cutOff({ limits: fewInMemory, parking: { messagesMax: 2, patienceMs: 1_000 } })
  for (const body of numbers(100)) {
    t.is(world.publish({ ...prices, body }), undefined)
    world.run(20)
  }
  world.run(60_000)
  world.router.sweep()
  t.is(placesOf(world).length, 100)
  t.true(world.broker.memory.bytesUsed < 10 * 300)
  world.joinUp('hub-b')
  world.run(100)
  t.deepEqual(bodiesSent(world), numbers(100))
  t.is(placesOf(world).length, 0)
  t.is(world.broker.memory.bytesUsed, 0)
  t.deepEqual(world.broker.notDelivered.entries(), [])
})

test('what was parked before a crash comes back in order, and nothing as seen', (t) => {
  const world = cutOff({ limits: fewInMemory })
  for (const body of numbers(20)) world.publish({ ...prices, body })
  world.run(100)
  world.restart()
  for (const body of numbers(25, 21)) world.publish({ ...prices, body })
  world.run(100)
  world.restart()
  world.joinUp('hub-b')
  world.run(100)
  t.false(world.copies.some(({ message }) => message.isRedelivered || message.isMaybeDuplicate))
  t.deepEqual(bodiesSent(world), numbers(25))
  world.restart()
  t.is(placesOf(world).length, 0)
})

test('a later message does not pass one that waits, whichever bridge has room', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c', 'b-d', 'c-d:5'])
  world.want('d', 'durable://prices')
  world.room.set('b', 0)
  t.is(world.publish({ ...prices, body: '1' }), world.router.gate)
  world.partUp('b-d')
  world.publish({ ...prices, body: '2' })
  world.run(1)
  t.deepEqual(bodiesSent(world), ['1', '2'])
})

test('what a bridge gives back comes before what was parked meanwhile', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'durable://prices')
  for (const body of ['1', '2', '3']) world.publish({ ...prices, body })
  const returned = world.copies.splice(0).map(({ message }) => ({ message, targets: ['c'] }))
  world.partUp('hub-b')
  world.publish({ ...prices, body: '4' })
  world.router.reroute(returned.slice(1))
  world.router.reroute(returned.slice(0, 1))
  world.joinUp('hub-b')
  world.run(1)
  t.deepEqual(bodiesSent(world), ['1', '2', '3', '4'])
})

test('one copy goes to several brokers behind a bridge that was full', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c', 'b-d'])
  world.want('c', 'durable://prices', 'durable://news')
  world.want('d', 'durable://prices')
  world.room.set('b', 0)
  world.publish({ ...prices, to: 'news', body: 'n' })
  for (const body of ['1', '2']) world.publish({ ...prices, body })
  t.is(placesOf(world).length, 5)
  world.giveRoom('b', 9)
  world.run(1)
  t.deepEqual(world.sent(), ['b:n>c', 'b:1>c,d', 'b:2>c,d'])
})

test('each broker has a place of its own: one that is gone holds up no other', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'durable://prices')
  world.want('c', 'durable://prices')
  world.partUp('hub-b')
  for (const body of ['1', '2']) t.is(world.publish({ ...prices, body }), undefined)
  t.deepEqual(world.sent(), ['c:1>c', 'c:2>c'])
  t.deepEqual(
    placesOf(world)
      .all()
      .map(({ target, messages, reason }) => [target, messages, reason]),
    [['b', 2, 'away']]
  )
})

test('a full place holds its producers, says so once, and gives up nothing', (t) => {
  const world = cutOff({ limits: { storedQueueMessagesMax: 5 } })
  for (const body of numbers(4)) t.is(world.publish({ ...prices, body }), undefined)
  const gate = world.publish({ ...prices, body: '5' })
  t.is(gate?.label, 'parked://parked b')
  world.publish({ ...prices, body: '6' })
  // Other brokers, which do not reach it either, are not held back.
  t.false(placesOf(world).isAnyFull)
  t.is(world.logger.find('parked-full').length, 1)
  let resumed = 0
  gate!.wait(() => {
    resumed += 1
  })
  world.joinUp('hub-b')
  world.run(1)
  t.is(resumed, 1)
  t.false(placesOf(world).isAnyFull)
  t.deepEqual(bodiesSent(world), numbers(6))
  t.deepEqual(world.broker.notDelivered.entries(), [])
})

test('a broker that is back with much to get holds producers back only above what leaves', (t) => {
  const world = cutOff({ grownBytesMax: 2_000 })
  for (const body of numbers(50)) world.publish({ ...prices, body })
  world.room.set('b', 0)
  world.joinUp('hub-b')
  world.run(1)
  const gates = numbers(60, 51).map((body) => world.publish({ ...prices, body }))
  t.is(gates[0], undefined)
  const gate = gates.at(-1)
  t.is(gate, world.router.gate)
  t.true(placesOf(world).isDraining('b'))
  let resumed = 0
  gate!.wait(() => {
    resumed += 1
  })
  world.giveRoom('b', 20)
  world.run(1)
  t.is(resumed, 1)
  world.giveRoom('b', 100)
  world.giveRoom('b', 100)
  world.run(1)
  t.deepEqual(bodiesSent(world), numbers(60))
  t.is(placesOf(world).grownBytes, 0)
})

test('what nobody wants any more is struck out when it would leave, the rest leaves', (t) => {
  const world = cutOff()
  world.want('b', 'durable://prices', 'durable://news')
  world.publish({ ...prices, body: '1' })
  world.publish({ ...prices, to: 'news', body: '2' })
  world.want('b', 'durable://news')
  world.joinUp('hub-b')
  world.run(1)
  t.deepEqual(world.sent(), ['b:2>b'])
  t.is(world.broker.notDelivered.get('no-demand'), 1)
})

test('what a broker that is gone wants no more does not wait for it', (t) => {
  const world = new ForwardingWorld(['hub-b'], { limits: fewInMemory })
  world.want('b', 'topic://prices', 'durable://news')
  world.router.trustDemand()
  world.partUp('hub-b')
  for (const body of numbers(30)) world.publish({ ...prices, body })
  world.publish({ ...prices, to: 'news', body: 'n' })
  world.run(100)
  world.table.drop('b')
  world.router.sweep()
  world.run(100)
  t.is(placesOf(world).length, 1)
  t.is(world.broker.notDelivered.get('no-demand'), 30)
})

test('a message that is never let through is tried again, but not given up', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'durable://prices')
  const message = world.aForwarded({ ...prices, body: '1' })
  message.brokerPath = ['b']
  message.redirects = 16
  world.router.receive(message, ['c'])
  world.router.receive(world.aForwarded({ ...prices, body: '2' }), ['c'])
  t.like(placesOf(world).all()[0], { messages: 2, reason: 'path-loop' })
  t.deepEqual(world.sent(), [])
  world.router.sweep()
  world.run(1)
  t.deepEqual(world.sent(), ['b:1>c', 'b:2>c'])
  t.deepEqual(world.broker.notDelivered.entries(), [])
})

test('what filters keep out does not hold up the rest, and waits for durable ones only', (t) => {
  const world = new ForwardingWorld(['hub-b'], { limits: fewInMemory })
  world.want('b', 'durable://prices', 'topic://news', 'durable://other')
  const { routes } = world
  const plain = routes.for.bind(routes)
  let keptOut = ['prices', 'news']
  const nowhere = { nextHop: () => undefined } as unknown as ReturnType<typeof routes.for>
  routes.for = (destination) => (keptOut.includes(destination.name) ? nowhere : plain(destination))
  for (const body of numbers(9)) {
    world.publish({ ...prices, body })
    world.publish({ ...prices, to: 'news', body })
    t.is(world.publish({ ...prices, to: 'other', body }), undefined)
  }
  world.run(100)
  t.deepEqual(bodiesSent(world), numbers(9))
  t.like(placesOf(world).all()[0], { messages: 18, reason: 'no-route' })
  for (let at = 0; at < 14; at += 1) {
    world.run(5_000)
    world.router.sweep()
  }
  world.run(100)
  t.is(world.broker.notDelivered.get('no-route'), 9)
  t.is(placesOf(world).length, 9)
  keptOut = []
  world.joinUp('hub-x')
  world.router.sweep()
  world.run(100)
  t.deepEqual(bodiesSent(world), numbers(9))
})

test('a message expires where it is parked, in memory or on disk', (t) => {
  const world = cutOff({ limits: fewInMemory })
  for (const body of numbers(20)) world.publish({ ...prices, body, expiresInMs: 1_000 })
  world.publish({ ...prices, body: 'last' })
  world.run(2_000)
  for (let at = 0; at < 3; at += 1) {
    world.router.sweep()
    world.run(100)
  }
  t.is(world.broker.notDelivered.get('expired'), 20)
  t.is(placesOf(world).length, 1)
})

test('a broker that is given up gets nothing, and what was parked is counted', (t) => {
  const world = cutOff({ limits: fewInMemory })
  for (const body of numbers(20)) world.publish({ ...prices, body })
  world.run(100)
  t.is(placesOf(world).forget('b'), 20)
  t.is(placesOf(world).forget('b'), 0)
  t.is(world.broker.notDelivered.get('forgotten'), 20)
  t.is(world.broker.memory.bytesUsed, 0)
  world.publish({ ...prices, body: '21' })
  world.run(100)
  world.restart()
  t.deepEqual(
    [...placesOf(world).entriesOf('b')].map(({ message }) => bodyOf(message)),
    ['21']
  )
})

test('how long messages have waited is known to some seconds, and to the next life', (t) => {
  const world = cutOff({ limits: fewInMemory })
  const beganMs = world.clock.wallMs()
  world.publish({ ...prices, body: '1' })
  for (let at = 0; at < 10; at += 1) {
    world.run(5_000)
    world.router.sweep()
    world.publish({ ...prices, body: `${at + 2}` })
  }
  world.run(5_000)
  world.router.sweep()
  world.run(100)
  world.restart()
  const since = [...placesOf(world).entriesOf('b')].map(({ sinceMs }) => sinceMs - beganMs)
  t.true(since[0]! < 1_000)
  for (const [at, sinceMs] of since.entries()) t.true(Math.abs(sinceMs - at * 5_000) <= 5_100)
  t.true(placesOf(world).all()[0]!.sinceMs - beganMs < 1_000)
})

test('whatever parts, joins, fills and comes back, each broker gets all in order, once', (t) => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant('publish' as const) },
    fc.constantFrom('part', 'join', 'full', 'room', 'sweep', 'run', 'return', 'restart')
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(2), (steps, which) => {
      const world = new ForwardingWorld(['hub-b', 'b-c', 'b-d'], { limits: fewInMemory })
      for (const broker of ['b', 'c', 'd']) world.want(broker, 'durable://prices')
      const part = ['hub-b', 'b-c', 'b-d'][which]!
      const got = new Map(['b', 'c', 'd'].map((broker): [string, string[]] => [broker, []]))
      const take = (): void => {
        for (const { targets, body } of world.copies.splice(0)) {
          for (const target of targets) got.get(target)!.push(body)
        }
      }
      let published = 0
      for (const what of steps) {
        if (what === 'publish') published += 1
        if (what === 'publish') world.publish({ ...prices, body: `${published}` })
        else if (what === 'part') world.partUp(part)
        else if (what === 'join') world.joinUp(part)
        else if (what === 'full') world.room.set('b', 0)
        else if (what === 'room') world.giveRoom('b', 3)
        else if (what === 'sweep') world.router.sweep()
        else if (what === 'run') world.run(10)
        else if (what === 'return') {
          const returned = world.copies.splice(0)
          world.router.reroute(
            returned.map((copy): { message: Message; targets: readonly string[] } => copy)
          )
        } else {
          // What left is on the other disk, and what is here is on this one.
          world.run(10)
          take()
          world.restart()
        }
      }
      world.joinUp(part)
      world.giveRoom('b', 1_000_000)
      world.router.sweep()
      world.run(100)
      take()
      for (const bodies of got.values()) t.deepEqual(bodies, numbers(published))
      t.is(placesOf(world).length, 0)
      t.is(world.broker.memory.bytesUsed, 0)
    }),
    { numRuns: 300 }
  )
})
