// Durable topic subscriptions, in the words of ActiveMQ, Artemis and RabbitMQ.

import test from 'ava'
import type { PeerHeaders, StompPeer } from '../../support/stomp-peer.ts'
import { StompWorld } from '../../support/stomp-world.ts'

interface Dialect {
  readonly name: string
  readonly connect: PeerHeaders
  readonly subscribe: Readonly<Record<string, string>>
}

const dialects: readonly Dialect[] = [
  {
    name: 'ActiveMQ',
    connect: { 'client-id': 'shop' },
    subscribe: { 'activemq.subscriptionName': 'prices' }
  },
  {
    name: 'Artemis',
    connect: { 'client-id': 'shop' },
    subscribe: { 'durable-subscription-name': 'prices' }
  },
  { name: 'RabbitMQ', connect: {}, subscribe: { durable: 'true', 'auto-delete': 'false' } }
]

const id = 'shop-prices'
const destination = '/topic/prices.>'

function subscriber(world: StompWorld, dialect: Dialect, more: PeerHeaders = {}): StompPeer {
  const peer = world.client({ headers: dialect.connect })
  peer.send('SUBSCRIBE', { id, destination, ...dialect.subscribe, ...more })
  world.run()
  return peer
}

function publish(world: StompWorld, ...bodies: string[]): void {
  const peer = world.client()
  for (const body of bodies) {
    peer.send('SEND', { destination: '/topic/prices.eu', persistent: 'true', body }, body)
  }
  world.run()
}

for (const dialect of dialects) {
  test(`${dialect.name}'s durable subscription keeps what comes while its client is away`, (t) => {
    const world = new StompWorld()
    const first = subscriber(world, dialect)
    publish(world, '1')
    t.deepEqual(first.bodies, ['1'])
    first.destroy()
    world.run()
    publish(world, '2', '3')
    const second = subscriber(world, dialect)
    t.deepEqual(second.bodies, ['2', '3'])
    t.is(second.messages[0]!.get('subscription'), id)
    t.is(second.messages[0]!.get('destination'), '/topic/prices.eu')
    publish(world, '4')
    t.deepEqual(second.bodies, ['2', '3', '4'])
  })

  test(`${dialect.name}'s UNSUBSCRIBE with the durable's name deletes it`, (t) => {
    const world = new StompWorld()
    const first = subscriber(world, dialect)
    first.send('UNSUBSCRIBE', { id, ...dialect.subscribe, receipt: 'r' })
    world.run()
    t.deepEqual(first.receipts, ['r'])
    t.is(world.broker.topics.size, 0)
    publish(world, '1')
    t.deepEqual(subscriber(world, dialect).bodies, [])
  })

  test(`${dialect.name}'s plain UNSUBSCRIBE leaves the durable subscription`, (t) => {
    const world = new StompWorld()
    const first = subscriber(world, dialect)
    first.send('UNSUBSCRIBE', { id })
    world.run()
    publish(world, '1')
    t.deepEqual(first.messages, [])
    first.send('SUBSCRIBE', { id, destination, ...dialect.subscribe })
    world.run()
    t.deepEqual(first.bodies, ['1'])
  })

  test(`${dialect.name}'s durable subscription can be in use once only`, (t) => {
    const world = new StompWorld()
    const first = subscriber(world, dialect)
    const second = subscriber(world, dialect)
    t.regex(second.error?.get('message') ?? '', /durable subscription ".*" .* is in use/)
    t.true(second.isClosed)
    publish(world, '1')
    t.deepEqual(first.bodies, ['1'])
  })
}

const activeMq = dialects[0]!

test('a durable subscription can be deleted without being subscribed to', (t) => {
  const world = new StompWorld()
  subscriber(world, activeMq).destroy()
  world.run()
  publish(world, '1')
  const peer = world.client({ headers: activeMq.connect })
  peer.send('UNSUBSCRIBE', { id: 'any', ...activeMq.subscribe, receipt: 'r' })
  world.run()
  t.deepEqual(peer.receipts, ['r'])
  t.is(world.broker.topics.size, 0)
  t.is(world.broker.memory.bytesUsed, 0)
})

test('a durable subscription in use by another connection cannot be deleted', (t) => {
  const world = new StompWorld()
  const first = subscriber(world, activeMq)
  const peer = world.client({ headers: activeMq.connect })
  peer.send('UNSUBSCRIBE', { id: 'any', ...activeMq.subscribe })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /is in use by another connection/)
  publish(world, '1')
  t.deepEqual(first.bodies, ['1'])
})

test('what a durable subscriber has not acknowledged comes again, flagged', (t) => {
  const world = new StompWorld()
  const first = subscriber(world, activeMq, { ack: 'client-individual' })
  publish(world, '1', '2', '3')
  first.send('ACK', { id: first.messages[1]!.get('ack')! })
  world.run()
  first.destroy()
  world.run()
  const second = subscriber(world, activeMq, { ack: 'client' })
  t.deepEqual(second.bodies, ['1', '3'])
  t.true(second.messages.every((frame) => frame.get('redelivered') === 'true'))
})

for (const [what, change] of [
  ['selector', { selector: "body <> '2'" }],
  ['destination', { destination: '/topic/prices.eu' }]
] as const) {
  test(`a durable subscription with another ${what} starts anew`, (t) => {
    const world = new StompWorld()
    subscriber(world, activeMq).destroy()
    world.run()
    publish(world, '1')
    const changed = subscriber(world, activeMq, change)
    t.deepEqual(changed.bodies, [])
    publish(world, '2', '3')
    t.deepEqual(changed.bodies, what === 'selector' ? ['3'] : ['2', '3'])
    t.is(world.broker.topics.size, 1)
  })
}

test('durable subscriptions of other clients and other names are others', (t) => {
  const world = new StompWorld()
  const pairs = [
    ['a', 'x'],
    ['a', 'y'],
    ['b', 'x'],
    ['a.x', 'y'],
    ['a', 'x.y']
  ] as const
  for (const [clientId, name] of pairs) {
    const connect = { 'client-id': clientId }
    subscriber(world, { name: '', connect, subscribe: { 'activemq.subscriptionName': name } }).end()
  }
  world.run()
  publish(world, '1')
  t.is(world.broker.topics.size, pairs.length)
  for (const [clientId, name] of pairs) {
    const connect = { 'client-id': clientId }
    const subscribe = { 'activemq.subscriptionName': name }
    t.deepEqual(subscriber(world, { name: '', connect, subscribe }).bodies, ['1'])
  }
})

const refusals: readonly (readonly [PeerHeaders, Record<string, string>, RegExp])[] = [
  [{}, { id, 'activemq.subscriptionName': 'p' }, /activemq\.subscriptionName needs a client-id/],
  [{}, { id, 'durable-subscription-name': 'p' }, /durable-subscription-name needs a client-id/],
  [{ 'client-id': 'c' }, { id, 'activemq.subscriptionName': '' }, /subscriptionName is empty/],
  [
    { 'client-id': 'c' },
    { id, 'activemq.subscriptionName': 'n'.repeat(1_025) },
    /activemq\.subscriptionName:".*" is too long/
  ]
]

for (const [connect, subscribe, message] of refusals) {
  test(`a durable subscription is refused: ${message.source}`, (t) => {
    const world = new StompWorld()
    const peer = world.client({ headers: connect })
    peer.send('SUBSCRIBE', { destination, ...subscribe, receipt: 'r' })
    world.run()
    t.regex(peer.error?.get('message') ?? '', message)
    t.is(peer.error?.get('receipt-id'), 'r')
    t.is(world.broker.topics.size, 0)
  })
}

test('durable:true of a 1.0 client needs an id to be found again by', (t) => {
  const world = new StompWorld()
  const peer = world.client({ version: '1.0' })
  peer.send('SUBSCRIBE', { destination, durable: 'true' })
  world.run()
  t.regex(peer.error?.get('message') ?? '', /durable:true needs an id header/)
})

test('durable:false is no durable subscription', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SUBSCRIBE', { id, destination, durable: 'false' })
  world.run()
  peer.destroy()
  world.run()
  t.is(world.broker.topics.size, 0)
})
