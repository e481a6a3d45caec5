// What cannot go on, asked about from afar; and brokers that never return.

import test from 'ava'
import { forgetBroker } from '../../src/admin/forget-broker.ts'
import type { BrokerForgotten, ParkedList } from '../../src/admin/index.ts'
import { parkedList, shownParked } from '../../src/admin/parked-report.ts'
import { readForgetRequest, readParkedRequest } from '../../src/admin/parked-request.ts'
import { BrokerNetwork, type Member } from '../support/broker-network.ts'
import { aPolicy, bodyOf, numbers } from '../support/broker-world.ts'
import { TwoBrokers } from './two-brokers.ts'

const prices = { kind: 'topic', to: 'prices.eu', isPersistent: true } as const
const durable = { clientId: 'c', subscriptionName: 's' }

/** a – b – c; `c` had a durable subscription, and is gone. */
function withoutC(): { readonly world: BrokerNetwork; readonly a: Member; readonly b: Member } {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c')
  c!.subscribe({}, { kind: 'topic', pattern: 'prices.>', durable })
  c!.subscribe({}, { pattern: 'orders' })
  world.run(50)
  world.crash('c')
  world.run(100)
  return { world, a: a!, b: b! }
}

function sourcesOf({ broker, network, clock }: Member) {
  return { broker, network, clock }
}

function forget(world: BrokerNetwork, at: Member, name: string) {
  let answer: BrokerForgotten | { readonly error: string } | undefined
  forgetBroker(at, name, (given) => {
    answer = given
  })
  world.run(2_000)
  return answer
}

test('what is parked is listed by broker, with why and since when', (t) => {
  const { world, a } = withoutC()
  const nowMs = a.clock.wallMs()
  a.publishAll(numbers(3), prices)
  a.publish({ ...prices, isPersistent: false, body: 'x' })
  world.run(100)
  const { broker, parked, left } = parkedList(sourcesOf(a), 10)
  t.is(broker, 'a')
  t.is(left, 0)
  t.is(parked.length, 1)
  t.like(parked[0], { broker: 'c', messages: 4, reason: 'away', inMemory: 1 })
  t.true(parked[0]!.bytes > 4 * 100)
  t.true(Math.abs(Date.parse(parked[0]!.since!) - nowMs) < 1_000)
})

test('parked messages are shown, oldest first, with origin and how long they wait', (t) => {
  const { world, a, b } = withoutC()
  a.network.bridges.get('b')!.sendMessage(a.aMessage({ ...prices, body: '1' }), ['c'], 0)
  world.run(6_000)
  world.sweep()
  b.publish({ ...prices, body: '2', headers: 'region:eu\n' })
  world.run(1_000)
  const { messages, isCut } = shownParked(sourcesOf(b), 'c', 5)
  t.false(isCut)
  t.like(messages[0], { destination: '/topic/prices.eu', origin: 'a', path: ['a'], bodyStart: '1' })
  t.like(messages[1], { origin: 'b', path: [], headers: [['region', 'eu']], isPersistent: true })
  t.true(messages[0]!.waitedMs! >= 6_000)
  t.true(messages[1]!.waitedMs! < 6_000)
  t.true(shownParked(sourcesOf(b), 'c', 1).isCut)
  t.deepEqual(shownParked(sourcesOf(b), 'nobody', 5).messages, [])
})

test('queues that nobody takes from are named, with why', (t) => {
  const { a, world } = withoutC()
  const local = a.subscribe({ credit: 0 }, { pattern: 'here' })
  for (const to of ['orders', 'nobody', 'here']) a.publish({ to, body: to })
  const { queues } = parkedList(sourcesOf(a), 10)
  t.deepEqual(
    queues.map(({ queue, reason, brokers }) => [queue, reason, brokers]),
    [
      ['nobody', 'no-consumers', []],
      ['orders', 'away', ['c']]
    ]
  )
  local.die()
  world.run(120_000)
  world.sweep()
  const later = parkedList(sourcesOf(a), 2)
  t.is(later.left, 1)
  t.true(later.queues.every(({ reason }) => reason === 'no-consumers'))
})

test('a queue that waits for full consumers, or for filters, says so', (t) => {
  const { a, world } = withoutC()
  const { demand, routes } = a.network
  const entry = { kind: 'queue', pattern: 'full', weight: 0 } as const
  const known = demand.version('b')!
  const mark = { broker: 'b', incarnation: known.incarnation, version: known.version + 1 }
  demand.applySnapshot({ ...mark, entries: [entry, { ...entry, pattern: 'kept-out', weight: 3 }] })
  world.run(10)
  const plain = routes.for.bind(routes)
  routes.for = (destination) => {
    if (destination.name !== 'kept-out') return plain(destination)
    return { nextHop: () => undefined } as unknown as ReturnType<typeof plain>
  }
  for (const to of ['full', 'kept-out']) a.publish({ to, body: to })
  const found = parkedList(sourcesOf(a), 10).queues
  t.deepEqual(
    found.map(({ queue, reason }) => [queue, reason]),
    [
      ['full', 'consumers-full'],
      ['kept-out', 'no-route']
    ]
  )
})

test('a broker that never returns is forgotten: nothing is kept for it, now or later', (t) => {
  const { world, a, b } = withoutC()
  a.publishAll(numbers(5), prices)
  world.run(100)
  t.deepEqual(forget(world, a, 'c'), { broker: 'a', topics: 1, messages: 5, letters: 0 })
  t.is(a.broker.notDelivered.get('forgotten'), 5)
  t.deepEqual(a.broker.store.factKeys('demand '), [])
  t.deepEqual(a.broker.store.queues(), [])
  a.publish({ ...prices, body: '6' })
  world.run(100)
  t.is(a.network.parkedMessages, 0)
  // The other one was not told, and is by the same request.
  t.is(b.network.demand.durablesOf('c').size, 1)
  t.deepEqual(forget(world, b, 'c'), { broker: 'b', topics: 1, messages: 0, letters: 0 })
  t.deepEqual(forget(world, b, 'c'), { broker: 'b', topics: 0, messages: 0, letters: 0 })
})

test('a forgotten broker that comes after all is welcome, and gets what comes then', (t) => {
  const { world, a } = withoutC()
  a.publish({ ...prices, body: 'lost' })
  world.run(100)
  forget(world, a, 'c')
  const back = world.add('c', { host: 'c2', identity: { incarnation: 2 } })
  const reader = back.subscribe({}, { kind: 'topic', pattern: 'prices.>', durable })
  world.join('c2-b')
  world.run(2_000)
  a.publish({ ...prices, body: 'new' })
  world.run(100)
  t.deepEqual(reader.bodies(), ['new'])
})

test('a broker in reach is not forgotten, nor the one that is asked', (t) => {
  const { world, a } = withoutC()
  t.regex(String((forget(world, a, 'b') as { error: string }).error), /"b" is in reach; stop it/)
  t.regex(String((forget(world, a, 'a') as { error: string }).error), /"a" itself/)
})

test('letters on their way to a broker that never returns are kept where they are', (t) => {
  const two = new TwoBrokers([
    aPolicy({ redelivery: { redeliveriesMax: 0 }, deadLetter: { queue: 'own', broker: 'gone' } })
  ])
  const { broker } = two.stations.a
  two.world.turn(() => {
    const failed = broker.newMessage(broker.destinations.get('queue', 'orders'))
    failed.body = Buffer.from('bad')
    failed.bodyEnd = 3
    broker.letters.bury(failed, { code: 'refused', text: 'refused' })
  })
  const list = two.ask('b', 'a', '{"command":"parked"}') as ParkedList
  t.like(list.queues[0], { queue: '_postroad.letters.gone', reason: 'no-consumers' })
  const answer = two.ask('b', 'a', '{"command":"forget","name":"gone"}')
  t.deepEqual(answer, { broker: 'a', topics: 0, messages: 0, letters: 1 })
  t.deepEqual([...broker.queues.find('DLQ.orders')!.browse()].map(bodyOf), ['bad'])
})

test('requests are answered from afar, and faulty ones with what would be right', (t) => {
  const two = new TwoBrokers()
  t.like(two.ask('a', 'b', '{"command":"parked"}'), { broker: 'b', parked: [], left: 0 })
  const shown = two.ask('a', 'b', '{"command":"parked","target":"x","limit":3}')
  t.deepEqual(shown, { broker: 'b', messages: [], isCut: false })
  t.regex(
    (two.ask('a', 'b', '{"command":"forget","name":"a"}') as { error: string }).error,
    /in reach/
  )
  t.regex(String(readParkedRequest({ target: 'no name' })), /target "no name" is no broker's name/)
  t.regex(String(readParkedRequest({ limit: 1_001 })), /limit 1001 must be .* from 1 to 1000/)
  t.regex(String(readForgetRequest({})), /name undefined is no broker's name/)
})
