// Whole brokers joined to a network: what is published anywhere is consumed anywhere, whatever the
// bridges do; and what the parts of the network say to each other.

import test from 'ava'
import { deadLetterQueueName } from '../../src/broker/index.ts'
import { BrokerNetwork } from '../support/broker-network.ts'
import { numbers } from '../support/broker-world.ts'

const prices = { kind: 'topic', to: 'prices' } as const
const onPrices = { kind: 'topic', pattern: 'prices' } as const
const small = { messagesMax: 4, bytesMax: 1_000_000 }

function chain() {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c')
  return { world, a: a!, b: b!, c: c! }
}

test('a queue’s message finds its consumer two brokers away, and follows it', (t) => {
  const { world, a, b, c } = chain()
  const far = c.subscribe({ settles: true })
  world.run(50)
  a.publish({ body: '1' })
  world.run(50)
  far.die()
  const other = b.subscribe({ settles: true })
  world.run(50)
  a.publish({ body: '2' })
  world.run(50)
  t.deepEqual(far.bodies(), ['1'])
  t.deepEqual(other.bodies(), ['2'])
})

test('a backlog moves to a consumer that comes anywhere, in order', (t) => {
  const { world, a, c } = chain()
  a.publishAll(numbers(500))
  world.run(50)
  const far = c.subscribe({ settles: true })
  world.run(100)
  t.deepEqual(far.bodies(), numbers(500))
  t.is(a.broker.memory.bytesUsed, 0)
})

test('a topic’s message reaches every subscriber once, in a ring too', (t) => {
  const world = new BrokerNetwork()
  const members = world.addAll(['a', 'b', 'c', 'd'])
  world.join('a-b', 'b-c', 'c-d', 'd-a')
  const consumers = members.map((member) => member.subscribe({ settles: true }, onPrices))
  world.run(50)
  for (const [at, member] of members.entries()) member.publish({ ...prices, body: `${at}` })
  world.run(50)
  for (const consumer of consumers) {
    t.deepEqual([...consumer.bodies()].sort(), ['0', '1', '2', '3'])
  }
})

test('a reply finds the temporary queue of its requester at another broker', (t) => {
  const { world, a, c } = chain()
  const queue = a.broker.createTemporaryQueue()
  const requester = a.subscribe(
    { settles: true },
    { kind: 'temp-queue', pattern: queue.name, filter: undefined }
  )
  c.publish({ kind: 'temp-queue', to: queue.name, body: 'reply' })
  world.run(50)
  t.deepEqual(requester.bodies(), ['reply'])
  a.broker.queues.removeTemporary(queue)
  c.publish({ kind: 'temp-queue', to: queue.name, body: 'late' })
  world.run(50)
  t.is(a.broker.notDelivered.get('temp-queue-gone'), 1)
})

test('a reply to a broker nobody knows is given up after its patience', (t) => {
  const world = new BrokerNetwork()
  const [a] = world.addAll(['a', 'b'])
  world.join('a-b')
  t.is(a!.publish({ kind: 'temp-queue', to: 'gone.1.1', body: 'reply' }), undefined)
  t.is(a!.network.parking.length, 1)
  world.run(31_000)
  world.sweep()
  t.is(a!.network.parking.length, 0)
  t.is(a!.broker.notDelivered.get('no-route'), 1)
})

test('when a path breaks the other one carries on: nothing is lost, all in order', (t) => {
  const world = new BrokerNetwork(7)
  const [a, , , d] = world.addAll(['a', 'b', 'c', 'd'])
  world.join('a-b', 'b-d')
  world.join('a-c', 'c-d')
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'd'],
    ['a', 'c'],
    ['c', 'd']
  ] as const) {
    world.wires.setQuality(from, to, { bytesPerSecond: 200_000 })
  }
  // All that is sent is on its way when the path breaks.
  const queue = d!.subscribe({ settles: true, capacity: 1_000 }, { weight: 1_000 })
  const topic = d!.subscribe({ settles: true }, onPrices)
  world.run(100)
  const bodies = numbers(400).map((body) => body.padStart(4, '0'))
  a!.publishAll(bodies)
  a!.publishAll(bodies, prices)
  const [hop] = a!.network.routes.for({ kind: 'topic', name: 'prices' }).nextHops('d')
  world.run(30)
  world.wires.cut('a', hop!)
  world.wires.reset('a', hop!)
  world.run(10_000)
  for (const consumer of [queue, topic]) {
    const fresh = consumer.bodies().filter((body) => !body.startsWith('r'))
    const all = new Set(consumer.bodies().map((body) => body.replace('r', '')))
    t.is(all.size, bodies.length)
    t.deepEqual(fresh, [...fresh].sort())
    t.is(new Set(fresh).size, fresh.length)
  }
})

test('a narrow bridge with small bounds loses nothing and keeps the order', (t) => {
  const world = new BrokerNetwork()
  const options = { bridges: { window: small, outbox: small } }
  const [a, , c] = world.addAll(['a', 'b', 'c'], { network: options })
  world.join('a-b', 'b-c')
  world.wires.setQuality('b', 'c', { bytesPerSecond: 20_000, latencyMs: 20 })
  const orders = c!.subscribe({ settles: true })
  const others = c!.subscribe({ settles: true }, { pattern: 'others' })
  world.run(200)
  a!.publishAll(numbers(300))
  a!.publishAll(numbers(300), { to: 'others' })
  world.run(20_000)
  t.deepEqual(orders.bodies(), numbers(300))
  t.deepEqual(others.bodies(), numbers(300))
})

test('messages in transit wait at a broker whose next bridge is down, in order', (t) => {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'])
  world.join('a-b', 'b-c')
  const far = c!.subscribe({ settles: true })
  world.run(50)
  a!.publishAll(numbers(50))
  world.wires.cut('b', 'c')
  world.run(100)
  a!.publishAll(numbers(100, 51))
  world.run(15_000)
  t.deepEqual(b!.peers(), ['a'])
  world.wires.heal('b', 'c')
  world.run(5_000)
  const bodies = far.bodies()
  t.is(new Set(bodies.map((body) => body.replace('r', ''))).size, 100)
  const fresh = bodies.filter((body) => !body.startsWith('r')).map(Number)
  t.deepEqual(
    fresh,
    [...fresh].sort((x, y) => x - y)
  )
})

test('a message too large for its bridge is a dead letter, and the bridge stands', (t) => {
  const world = new BrokerNetwork()
  const a = world.add('a')
  const b = world.add('b', { network: { bridges: { frameBytesMax: 65_536 } } })
  world.join('a-b')
  const consumer = b.subscribe({ settles: true })
  const subscriber = b.subscribe({ settles: true }, onPrices)
  world.run(50)
  a.publishAll(['1', 'x'.repeat(100_000), '2'])
  a.publishAll(['1', 'x'.repeat(100_000), '2'], prices)
  world.run(50)
  t.deepEqual(consumer.bodies(), ['1', '2'])
  t.deepEqual(subscriber.bodies(), ['1', '2'])
  t.is(a.broker.notDelivered.get('too-large'), 2)
  const far = b.subscribe({ settles: true }, { pattern: deadLetterQueueName })
  world.run(50)
  t.deepEqual(far.bodies(), [])
  const near = a.subscribe({ settles: true }, { pattern: deadLetterQueueName })
  t.is(near.deliveries.length, 1)
  const [letter] = near.deliveries
  t.regex(letter!.message.header('dead-letter-text')!, /too large for the bridge to b/)
  t.deepEqual(a.peers(), ['b'])
})

test('a slow subscriber elsewhere holds producers back, and lets them go on', (t) => {
  const world = new BrokerNetwork()
  const limits = { demandBacklogMessagesMax: 10, topicPendingMessagesMax: 50 }
  const [a, b] = world.addAll(['a', 'b'], { limits })
  world.join('a-b')
  const slow = b!.subscribe({ credit: 0, settles: true }, onPrices)
  world.run(50)
  a!.publishAll(numbers(12), prices)
  world.run(50)
  const gate = a!.publish({ ...prices, body: '13' })
  t.is(gate, a!.network.router.gate)
  let resumed = 0
  gate!.wait(() => {
    resumed += 1
  })
  world.run(1_000)
  t.is(resumed, 0)
  slow.grant(100)
  world.run(50)
  t.is(resumed, 1)
  t.is(a!.publish({ ...prices, body: '14' }), undefined)
  world.run(50)
  t.deepEqual(slow.bodies(), numbers(14))
})

test('a broker gone for long is forgotten with its demand, its messages given up', (t) => {
  const { world, a, b, c } = chain()
  c.subscribe({ settles: true }, onPrices)
  world.run(50)
  world.crash('c')
  world.run(100)
  t.is(a.publish({ ...prices, body: '1' }), undefined)
  t.is(a.network.parking.length, 1)
  t.not(a.network.demand.version('c'), undefined)
  world.run(60_000)
  world.sweep()
  for (const { network } of [a, b]) {
    t.is(network.map.record('c'), undefined)
    t.is(network.demand.version('c'), undefined)
    t.is(network.parking.length, 0)
  }
  t.is(a.logger.find('broker-forgotten').length, 1)
  t.is(a.broker.notDelivered.get('no-route'), 1)
  a.publish({ ...prices, body: '2' })
  t.is(a.network.parking.length, 0)
})

test('messages for a broker that is gone do not slow the traffic of others down', (t) => {
  const world = new BrokerNetwork()
  const [a, b, c] = world.addAll(['a', 'b', 'c'], {
    network: { parking: { messagesMax: 1_000, bytesMax: 100_000, patienceMs: 30_000 } }
  })
  world.join('a-b', 'b-c')
  c!.subscribe({ settles: true }, onPrices)
  const near = b!.subscribe({ settles: true })
  world.run(50)
  world.crash('c')
  world.run(100)
  b!.publishAll(numbers(50), { ...prices, headers: `a:${'x'.repeat(1_000)}\n` })
  t.true(b!.network.parking.bytesHeld > 50_000)
  a!.publishAll(numbers(500))
  world.run(100)
  t.is(near.deliveries.length, 500)
  t.is(a!.network.bridges.get('b')!.messagesPending, 0)
})

test('demand that was missed is asked for, and is then known', (t) => {
  const { world, a, b } = chain()
  b.subscribe({ settles: true })
  world.run(50)
  const known = a.network.demand.version('b')!
  const bridge = a.network.bridges.get('b')!
  a.network.demand.drop('b')
  a.network.onDemandDelta(bridge, {
    ...{ broker: 'b', incarnation: known.incarnation },
    ...{ fromVersion: known.version + 4, toVersion: known.version + 5 },
    set: [{ kind: 'queue', pattern: 'other', weight: 3 }],
    removed: []
  })
  t.is(a.network.demand.version('b'), undefined)
  world.run(50)
  t.deepEqual(a.network.demand.version('b'), known)
  t.deepEqual(
    a.network.demand.demandForQueue('orders').map(({ broker }) => broker),
    ['b']
  )
})

test('after a partition both sides learn what changed on the other', (t) => {
  const world = new BrokerNetwork()
  const [a, b, c, d] = world.addAll(['a', 'b', 'c', 'd'])
  world.join('a-b', 'b-c', 'c-d')
  world.wires.cut('b', 'c')
  world.run(10_000)
  t.deepEqual(a!.reach(), ['b'])
  const onA = a!.subscribe({ settles: true }, { pattern: 'to.a' })
  const onD = d!.subscribe({ settles: true }, { pattern: 'to.d' })
  a!.publish({ to: 'to.d', body: 'hello d' })
  d!.publish({ to: 'to.a', body: 'hello a' })
  world.run(100)
  world.wires.heal('b', 'c')
  world.run(10_000)
  t.deepEqual(a!.reach(), ['b', 'c', 'd'])
  t.deepEqual(onA.bodies(), ['hello a'])
  t.deepEqual(onD.bodies(), ['hello d'])
  t.is(b!.network.map.digest().length, c!.network.map.digest().length)
})

test('a broker whose name is in use is refused, and told to take another', (t) => {
  const { world, a } = chain()
  const twin = world.add('c', { host: 'twin', identity: { incarnation: 9 } })
  twin.dial('a')
  world.run(2_000)
  t.deepEqual(twin.peers(), [])
  t.deepEqual(a.reach(), ['b', 'c'])
  const [state] = twin.network.bridges.connectorStates()
  t.regex(state!.failure, /a broker named "c" .* give this one .* another name/)
})

test('when two networks meet that have a name in common, the earlier broker steps down', (t) => {
  const world = new BrokerNetwork()
  const [a, b] = world.addAll(['a', 'b'])
  const twin = world.add('a', { host: 'twin', identity: { incarnation: 5 } })
  const c = world.add('c')
  world.join('a-b')
  world.join('twin-c')
  world.join('b-c')
  world.run(3_000)
  t.deepEqual(a!.peers(), [])
  t.is(a!.logger.find('leaving-network').length > 0, true)
  t.deepEqual(b!.reach(), ['a', 'c'])
  t.is(b!.network.map.record('a')!.brokerId, 'id-twin')
  t.deepEqual(twin.peers(), ['c'])
  t.deepEqual(c.peers(), ['a', 'b'])
})

test('a broker that stops gives back what its bridges had, and says goodbye', (t) => {
  const world = new BrokerNetwork()
  const options = { bridges: { window: small, outbox: small } }
  const [a, b] = world.addAll(['a', 'b'], { network: options })
  world.join('a-b')
  b!.subscribe({ settles: true })
  world.run(50)
  world.wires.cut('a', 'b')
  a!.publishAll(numbers(20))
  world.run(0)
  t.is(a!.broker.queues.find('orders')!.held, 12)
  let isStopped = false
  a!.network.stop(() => {
    isStopped = true
  })
  world.run(10_000)
  t.true(isStopped)
  t.is(a!.broker.queues.find('orders')!.held, 20)
  t.deepEqual(a!.peers(), [])
})

test('consumers that come and go by the hundred leave demand as it is', (t) => {
  const { world, a, c } = chain()
  for (let round = 0; round < 30; round += 1) {
    const consumers = numbers(20).map((name) =>
      c.subscribe({ settles: true }, { pattern: `q.${name}` })
    )
    world.run(round % 3)
    for (const [at, consumer] of consumers.entries()) if (at !== round % 20) consumer.die()
  }
  world.run(100)
  const known = a.network.demand.entriesOf('c')
  const wanted = c.network.localDemand.entries()
  t.is(known.length, 20)
  t.deepEqual(
    [...known].sort((x, y) => (x.pattern < y.pattern ? -1 : 1)),
    [...wanted].sort((x, y) => (x.pattern < y.pattern ? -1 : 1))
  )
})
