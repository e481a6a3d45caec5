import test from 'ava'
import { bridgeStatus } from '../../src/admin/bridge-status.ts'
import { ListCap } from '../../src/admin/capped-list.ts'
import { connectionStatus } from '../../src/admin/connection-status.ts'
import { connectorStatus } from '../../src/admin/connector-status.ts'
import { demandStatus } from '../../src/admin/demand-status.ts'
import { mapStatus } from '../../src/admin/map-status.ts'
import { nonDeliveryStatus } from '../../src/admin/non-delivery-status.ts'
import { queueStatus } from '../../src/admin/queue-status.ts'
import { topicStatus } from '../../src/admin/topic-status.ts'
import { usageStatus } from '../../src/admin/usage-status.ts'

const cap = (): ListCap => new ListCap(1_000)

function aRecord(broker: string, peers: readonly string[]) {
  const bridges = peers.map((peer) => ({ peer, cost: 2, sends: true, filter: undefined }))
  return { broker, brokerId: `${broker}0`, incarnation: 7, isTransit: broker !== 'c', bridges }
}

test('the map names every broker, with the way to those in reach', (t) => {
  const records = [aRecord('c', []), aRecord('b', ['a']), aRecord('a', ['b'])]
  const brokers = mapStatus(
    {
      map: {
        self: { broker: 'a' },
        records: () => records,
        isReachable: (broker) => broker !== 'c'
      },
      routes: {
        for: () => ({
          nextHop: (broker) => (broker === 'b' ? 'b' : undefined),
          costTo: () => 2
        })
      }
    },
    cap()
  )
  const bridgeTo = (peer: string) => [{ peer, cost: 2, sends: true, include: [], exclude: [] }]
  const facts = { incarnation: 7, isReachable: true, isTransit: true }
  t.deepEqual(brokers, [
    { ...facts, name: 'a', brokerId: 'a0', nextHop: null, cost: 0, bridges: bridgeTo('b') },
    { ...facts, name: 'b', brokerId: 'b0', nextHop: 'b', cost: 2, bridges: bridgeTo('a') },
    {
      name: 'c',
      brokerId: 'c0',
      incarnation: 7,
      isReachable: false,
      isTransit: false,
      nextHop: null,
      cost: null,
      bridges: []
    }
  ])
})

test('a bridge tells how long it has stood and what crossed it', (t) => {
  const counters = {
    messagesSent: 3,
    messagesReceived: 4,
    duplicatesDropped: 1,
    bytesSent: 300,
    bytesReceived: 400,
    controlBytesSent: 30
  }
  const bridge = {
    peer: 'b',
    peerId: 'b0',
    remoteAddress: '10.0.0.2:61617',
    connectorName: 'to-b',
    isDialler: true,
    cost: 1,
    rttMs: undefined,
    sinceMs: 1_000,
    maySend: true,
    mayReceive: false,
    messagesPending: 2,
    counters
  }
  const [status, next] = bridgeStatus(
    [{ ...bridge, peer: 'z', rttMs: 1.5 }, bridge],
    4_000.4,
    cap()
  )
  t.like(status, { peer: 'b', connector: 'to-b', rttMs: null, upMs: 3_000, ...counters })
  t.like(next, { peer: 'z', rttMs: 1.5 })
})

test('a connector that waits says when it tries again, and why it has to', (t) => {
  const statuses = connectorStatus(
    [
      {
        connector: 'hub',
        uri: 'postroad://hub:61617',
        state: { name: 'waiting', attempt: 3, untilMs: 5_500 },
        failure: 'closed: nobody listens'
      },
      {
        connector: 'hub',
        uri: 'postroad://spare:61617',
        state: { name: 'bridged', peer: 'spare' },
        failure: ''
      }
    ],
    5_000,
    cap()
  )
  t.like(statuses[0], { state: 'waiting', peer: null, failures: 3, retryInMs: 500 })
  t.like(statuses[1], { state: 'bridged', peer: 'spare', failures: 0, retryInMs: null })
})

test("demand leaves out the brokers' own services and those who want nothing else", (t) => {
  const own = [
    { kind: 'topic', pattern: 'prices.>', weight: 1 },
    { kind: 'queue', pattern: 'orders', weight: 11 },
    { kind: 'queue', pattern: '_postroad.admin.a', weight: 5 }
  ] as const
  const source = {
    localDemand: { broker: 'a', entries: () => own },
    demand: {
      digest: () => [{ broker: 'c' }, { broker: 'b' }],
      entriesOf: (broker: string) =>
        broker === 'b'
          ? [{ kind: 'queue' as const, pattern: '_postroad.admin.b', weight: 5 }]
          : [{ kind: 'queue' as const, pattern: 'orders', weight: 0 }]
    }
  }
  t.deepEqual(demandStatus(source, cap()), [
    {
      broker: 'a',
      entries: [
        { kind: 'queue', pattern: 'orders', weight: 11 },
        { kind: 'topic', pattern: 'prices.>', weight: 1 }
      ]
    },
    { broker: 'c', entries: [{ kind: 'queue', pattern: 'orders', weight: 0 }] }
  ])
})

test('demand that does not fit is cut without being read', (t) => {
  let read = 0
  const source = {
    localDemand: {
      broker: 'a',
      entries: () => [
        { kind: 'queue' as const, pattern: 'one', weight: 1 },
        { kind: 'queue' as const, pattern: 'two', weight: 1 }
      ]
    },
    demand: {
      digest: () => [{ broker: 'b' }],
      entriesOf: () => {
        read += 1
        return []
      }
    }
  }
  const small = new ListCap(1)
  const [own, ...others] = demandStatus(source, small)
  t.deepEqual(
    own?.entries.map(({ pattern }) => pattern),
    ['one']
  )
  t.is(others.length, 0)
  t.is(read, 0)
  t.deepEqual(small.cut, ['demand'])
})

function aQueue(name: string, ready: number) {
  return {
    name,
    kind: 'queue' as const,
    waiting: ready,
    held: ready + 1,
    delivered: 1,
    delayed: 0,
    heldBytes: 10,
    consumers: { local: [{}], remote: [{ consumer: { broker: 'c' } }, { consumer: {} }] },
    enqueued: 5,
    dispatched: 4,
    settled: 3,
    expired: 2,
    isFull: false
  }
}

test('queues come fullest first, without those of the brokers themselves', (t) => {
  const queues = [aQueue('small', 1), aQueue('_postroad.admin.a', 9), aQueue('large', 8)]
  const statuses = queueStatus(queues, cap())
  t.deepEqual(
    statuses.map(({ name, ready }) => [name, ready]),
    [
      ['large', 8],
      ['small', 1]
    ]
  )
  t.like(statuses[0], { consumers: 1, delivered: 1, enqueued: 5, dispatched: 4, expired: 2 })
  t.deepEqual(statuses[0]?.remoteBrokers, ['c', '?'])
})

test('a durable topic subscription without its client is there and not active', (t) => {
  const queue = { waiting: 2, held: 2 + 0, delivered: 0, heldBytes: 5, enqueued: 2, dispatched: 0 }
  const durable = { clientId: 'x', subscriptionName: 'audit' }
  const [status] = topicStatus(
    [
      {
        pattern: 'prices.>',
        durable,
        consumer: undefined,
        filter: { text: "region = 'eu'" },
        queue,
        dropped: 1
      }
    ],
    cap()
  )
  t.like(status, { isActive: false, ready: 2, dropped: 1, selector: "region = 'eu'" })
  t.deepEqual(status?.durable, durable)
})

test('a connection that has not introduced itself has no subscriptions and no login', (t) => {
  const [status] = connectionStatus(
    [
      {
        number: 4,
        connection: { remoteAddress: '10.0.0.9:1234' },
        stateName: 'connecting',
        login: undefined,
        clientId: undefined,
        frames: undefined,
        isCongested: true
      }
    ],
    cap()
  )
  t.like(status, {
    number: 4,
    state: 'connecting',
    login: null,
    subscriptions: 0,
    isCongested: true
  })
})

test('reasons of non-delivery come with what they mean, the most frequent first', (t) => {
  const statuses = nonDeliveryStatus({
    entries: () => [
      ['expired', 2],
      ['no-route', 5]
    ]
  })
  t.deepEqual(
    statuses.map(({ reason, count }) => [reason, count]),
    [
      ['no-route', 5],
      ['expired', 2]
    ]
  )
  t.is(statuses[1]?.meaning, 'its time to live ran out')
})

const places = [
  { target: 'b', messages: 2, reason: undefined },
  { target: 'c', messages: 4, reason: 'away' }
]
const network = {
  router: { forwarded: 4, duplicates: 5, places: { all: () => places } },
  ...{ parkedMessages: 6, parkedBytes: 7 }
}
const counters = { published: 1, received: 2, deadLettered: 3, refused: 8 }
const memory = { bytesUsed: 1, bytesMax: 2, isFull: false }
const spool = { bytesUsed: 3, bytesMax: 4, isFull: false }
const store = {
  isWanted: true,
  kind: 'lmdb',
  failure: undefined,
  failingSinceMs: undefined,
  usage: () => ({ bytesUsed: 5, bytesMax: 6, bytesFree: 1 })
}

test('usage names counters, memory and parking', (t) => {
  const memoryOnly = { ...store, isWanted: false }
  const broker = { counters, memory, spool, store: memoryOnly }
  const usage = usageStatus({ broker, network }, 0)
  t.deepEqual(usage, {
    counters: { ...counters, forwarded: 4, duplicatesDropped: 5 },
    memory,
    store: null,
    spool: null,
    parking: {
      ...{ messages: 6, bytes: 7 },
      brokers: [
        { broker: 'c', messages: 4, reason: 'away' },
        { broker: 'b', messages: 2, reason: null }
      ]
    }
  })
})

test('usage names the store on disk, and since when it fails', (t) => {
  const broker = { counters, memory, spool, store }
  const well = usageStatus({ broker, network }, 9_000)
  t.deepEqual(well.spool, spool)
  const room = { kind: 'lmdb', bytesUsed: 5, bytesMax: 6, bytesFree: 1 }
  t.deepEqual(well.store, { ...room, failure: null })
  const failure = { code: 'LOCAL_STORE_FULL', message: 'make room' }
  const failing = { ...store, failure, failingSinceMs: 2_000 }
  const ill = usageStatus({ broker: { ...broker, store: failing }, network }, 9_000)
  t.deepEqual(ill.store, {
    ...room,
    failure: { code: 'LOCAL_STORE_FULL', reason: 'make room', forMs: 7_000 }
  })
})

test('lists of one name share their bound, others have their own', (t) => {
  const small = new ListCap(3)
  t.deepEqual(small.take('a', [1, 2], String), ['1', '2'])
  t.deepEqual(small.take('a', [3, 4], String), ['3'])
  t.deepEqual(small.take('b', [5, 6, 7], String), ['5', '6', '7'])
  t.deepEqual(small.cut, ['a'])
})
