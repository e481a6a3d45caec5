// The parking: bounds, patience, order, and what is counted when a message is given up.

import test from 'ava'
import fc from 'fast-check'
import type { Message, NonDeliveryReason } from '../../../src/broker/index.ts'
import { defaultParkingLimits, Parking } from '../../../src/network/forwarding/index.ts'
import type { ParkedMessage } from '../../../src/network/forwarding/parking-lot.ts'
import { BrokerWorld, bodyOf, numbers } from '../../support/broker-world.ts'
import { ForwardingWorld } from './forwarding-world.ts'

const prices = { kind: 'topic', to: 'prices' } as const

function aParking(limits: Partial<typeof defaultParkingLimits> = {}) {
  const world = new BrokerWorld()
  const given: string[] = []
  const giveUp = (message: Message, reason: NonDeliveryReason): void => {
    given.push(`${bodyOf(message)} ${reason}`)
  }
  const parking = new Parking(world.clock, { ...defaultParkingLimits, ...limits }, giveUp)
  const parked = (body: string, facts: { expiresInMs?: number; untilMs?: number } = {}) => {
    const message = world.aMessage({ ...prices, ...facts, body })
    const untilMs = facts.untilMs ?? parking.untilMs()
    return { message, targets: ['b'], reason: 'no-route', untilMs } satisfies ParkedMessage
  }
  return { world, parking, given, parked }
}

function bodies(parked: readonly ParkedMessage[]): string[] {
  return parked.map(({ message }) => bodyOf(message))
}

test('what is parked comes out oldest first, each kind by itself', (t) => {
  const { parking, parked } = aParking()
  for (const body of ['1', '2']) parking.parkForRoute(parked(body))
  for (const body of ['3', '4']) parking.parkForRoom(parked(body), 'b')
  parking.parkForRoom(parked('5'), 'c')
  t.is(parking.length, 5)
  t.deepEqual(parking.hopsWaitedFor(), ['b', 'c'])
  t.deepEqual(bodies(parking.takeForRoom('b')), ['3', '4'])
  t.deepEqual(bodies(parking.takeForRoom('b')), [])
  t.deepEqual(bodies(parking.takeForRoute()), ['1', '2'])
  t.deepEqual(bodies(parking.takeForRoom('c')), ['5'])
  t.is(parking.bytesHeld, 0)
  t.is(parking.length, 0)
})

test('one too many, in messages or bytes, is given up and told', (t) => {
  const few = aParking({ messagesMax: 2 })
  for (const body of numbers(3)) few.parking.parkForRoute(few.parked(body))
  t.deepEqual(few.given, ['3 parking-full'])
  const small = aParking({ bytesMax: 600 })
  for (const body of numbers(3)) small.parking.parkForRoom(small.parked(body), 'b')
  t.deepEqual(small.given, ['3 parking-full'])
  t.is(small.parking.length, 2)
})

test('messages for a broker that is gone take no place from those for a busy one', (t) => {
  const { parking, parked, given } = aParking({ messagesMax: 1 })
  parking.parkForRoute(parked('1'))
  parking.parkForRoom(parked('2'), 'b')
  t.deepEqual(given, [])
  t.is(parking.bytesForRoom, parking.bytesHeld / 2)
})

test('patience ends for each message by itself, whatever is before it', (t) => {
  const { world, parking, parked, given } = aParking({ patienceMs: 100 })
  parking.parkForRoute(parked('late', { untilMs: world.clock.monotonicMs() + 500 }))
  parking.parkForRoute(parked('soon'))
  parking.parkForRoom(parked('expiring', { expiresInMs: 50 }), 'b')
  world.run(60)
  parking.sweep()
  t.deepEqual(given, ['expiring expired'])
  world.run(60)
  parking.sweep()
  t.deepEqual(given, ['expiring expired', 'soon no-route'])
  t.deepEqual(bodies(parking.takeForRoute()), ['late'])
})

test('a message that is tried in vain keeps its order and its patience', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'], { parking: { patienceMs: 10_000 } })
  world.want('c', 'topic://prices')
  world.partUp('b-c')
  world.publish({ ...prices, body: '1' })
  world.run(6_000)
  world.publish({ ...prices, body: '2' })
  for (const join of ['hub-x', 'hub-y', 'hub-z']) world.joinUp(join)
  world.router.sweep()
  world.run(5_000)
  world.router.sweep()
  t.is(world.broker.notDelivered.get('no-route'), 1)
  world.publish({ ...prices, body: '3' })
  world.joinUp('b-c')
  t.deepEqual(world.sent(), ['b:2>c', 'b:3>c'])
})

test('a message that expires while parked is not sent when its way opens', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'topic://prices')
  world.partUp('b-c')
  world.publish({ ...prices, body: '1', expiresInMs: 1_000 })
  world.publish({ ...prices, body: '2' })
  world.run(1_001)
  world.joinUp('b-c')
  t.deepEqual(world.sent(), ['b:2>c'])
  t.is(world.broker.notDelivered.get('expired'), 1)
})

test('a target that no longer wants it is struck out when the message is tried again', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c', 'b-d'])
  world.want('c', 'topic://prices')
  world.want('d', 'topic://prices')
  world.partUp('b-c', 'b-d')
  world.publish({ ...prices, body: '1' })
  world.want('d')
  world.joinUp('b-c', 'b-d')
  t.deepEqual(world.sent(), ['b:1>c'])
  t.is(world.broker.notDelivered.get('no-demand'), 1)
})

test('what is parked has bytes of its own', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'topic://prices')
  world.partUp('b-c')
  const message = world.aMessage({ ...prices, body: 'body' })
  const chunk = message.body
  world.broker.publish(message)
  t.not(message.body, chunk)
  t.is(bodyOf(message), 'body')
})

test('whatever is parked, taken and swept, the accounts come out even', (t) => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('route'), bytes: fc.nat(40), liveMs: fc.constantFrom(0, 5, 50) }),
    fc.record({ do: fc.constantFrom('b', 'c'), bytes: fc.nat(40), liveMs: fc.constant(0) }),
    fc.record({
      do: fc.constantFrom('takeRoute', 'takeB', 'takeC', 'sweep', 'wait'),
      bytes: fc.constant(0),
      liveMs: fc.constant(0)
    })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { world, parking, parked, given } = aParking({
        messagesMax: 6,
        bytesMax: 1_700,
        patienceMs: 30
      })
      let put = 0
      let taken = 0
      for (const { do: what, bytes, liveMs } of steps) {
        const facts = liveMs > 0 ? { expiresInMs: liveMs } : {}
        if (what === 'route') parking.parkForRoute(parked('x'.repeat(bytes), facts))
        else if (what === 'b' || what === 'c') parking.parkForRoom(parked('x'.repeat(bytes)), what)
        else if (what === 'takeRoute') taken += parking.takeForRoute().length
        else if (what === 'takeB') taken += parking.takeForRoom('b').length
        else if (what === 'takeC') taken += parking.takeForRoom('c').length
        else if (what === 'sweep') parking.sweep()
        else world.run(7)
        if (what === 'route' || what === 'b' || what === 'c') put += 1
        t.is(parking.length, put - taken - given.length)
        t.true(parking.length <= 12 && parking.bytesHeld <= 3_400)
      }
      world.run(40)
      parking.sweep()
      t.is(parking.length, 0)
      t.is(parking.bytesHeld, 0)
    }),
    { numRuns: 200 }
  )
})
