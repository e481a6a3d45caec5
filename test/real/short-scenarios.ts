// Short scenarios for simulated and real brokers alike: what happens on each network takes a few
// seconds. Settings are those of shipped brokers; dials are repeated sooner, so that recovery is
// not a matter of who waits how long.

import type {
  ConsumerPlan,
  ProducerPlan,
  ScenarioPlan,
  SimEvent,
  TimelineStep
} from '../../sim/plan/index.ts'
import type { SimBrokerSettings } from '../../sim/sim-broker.ts'
import { chain, hubSpoke, mesh, ring, type SimTopology } from '../../sim/topologies.ts'
import { defaultBrokerLimits } from '../../src/broker/index.ts'
import { bridgesLimitsDefault, defaultParkingLimits } from '../../src/network/index.ts'

const settings: SimBrokerSettings = {
  limits: defaultBrokerLimits,
  network: {
    bridges: bridgesLimitsDefault,
    parking: defaultParkingLimits,
    hopsMax: 32,
    repairMs: 30_000
  },
  turnUsMax: 200,
  keepsId: true,
  reconnect: {
    reconnectDelayMsInitial: 200,
    reconnectDelayMsMax: 1_000,
    reconnectBackOffMultiplier: 2
  }
}

function producer(name: string, at: string, destination: string, more = {}): ProducerPlan {
  return {
    ...{ name, at, destination, everyMs: 20, bodyBytes: 200, isPersistent: false },
    ...{ receiptEvery: 5, version: '1.2', ...more }
  }
}

function consumer(name: string, at: string, destination: string, more = {}): ConsumerPlan {
  return {
    ...{ name, at, destination, ack: 'client-individual', prefetch: 100, workMs: 1 },
    ...{ version: '1.2', ...more }
  }
}

interface Story {
  readonly name: string
  readonly about: string
  readonly topology: SimTopology
  readonly producers: readonly ProducerPlan[]
  readonly consumers: readonly ConsumerPlan[]
  /** What happens, each some time after the one before. */
  readonly steps: readonly (readonly [number, SimEvent])[]
  readonly thenMs?: number
}

function planOf({ steps, thenMs = 2_000, ...story }: Story): ScenarioPlan {
  const timeline: TimelineStep[] = steps.map(([afterMs, event]) => ({ afterMs, event }))
  return {
    ...story,
    ...{ settings, timeline, thenMs, ending: 'heal', isResplitting: false },
    startSpreadMs: 1_000,
    qualities: story.topology.links.map(() => ({})),
    drainMsMax: 30_000
  }
}

/** A queue and a topic, from one broker to others. */
function load(from: string, queueAt: string, topicAt: readonly string[]) {
  return {
    producers: [producer('pq', from, '/queue/orders'), producer('pt', from, '/topic/prices')],
    consumers: [
      consumer('cq', queueAt, '/queue/orders'),
      ...topicAt.map((at, index) => consumer(`ct${index}`, at, '/topic/prices', { ack: 'auto' }))
    ]
  }
}

/** See the top of this file. */
export const shortScenarios: readonly ScenarioPlan[] = [
  planOf({
    name: 'cut-and-heal',
    about: 'A bridge of a ring is cut for six seconds; the other way round is whole.',
    topology: ring(4),
    ...load('a', 'b', ['b', 'c']),
    steps: [
      [1_000, { kind: 'cut', a: 'a', b: 'b' }],
      [6_000, { kind: 'heal', a: 'a', b: 'b' }]
    ]
  }),
  planOf({
    name: 'hub-restart',
    about: 'The hub that joins all others is killed and started again.',
    topology: hubSpoke(3),
    ...load('s1', 's2', ['s2', 's3']),
    steps: [
      [1_000, { kind: 'kill', broker: 'hub' }],
      [1_500, { kind: 'start', broker: 'hub' }]
    ]
  }),
  planOf({
    name: 'kill-with-another-way',
    about: 'A broker on the way is killed; a longer way is there.',
    topology: ring(4),
    ...load('a', 'c', ['c']),
    steps: [[1_000, { kind: 'kill', broker: 'b' }]]
  }),
  planOf({
    name: 'pause',
    about: 'A broker on the way is frozen for six seconds and goes on as if nothing had been.',
    topology: ring(4),
    ...load('a', 'c', ['c']),
    steps: [
      [1_000, { kind: 'pause', broker: 'b' }],
      [6_000, { kind: 'resume', broker: 'b' }]
    ]
  }),
  planOf({
    name: 'flap',
    about: 'The only bridge is reset four times, half a second apart.',
    topology: chain(2),
    ...load('a', 'b', ['b']),
    steps: [1_000, 500, 500, 500].map((afterMs) => [afterMs, { kind: 'reset', a: 'a', b: 'b' }])
  }),
  planOf({
    name: 'throttle',
    about: 'A bridge carries less than what is sent over it, and later more again.',
    topology: chain(2),
    ...load('a', 'b', ['b']),
    steps: [
      [1_000, { kind: 'quality', a: 'a', b: 'b', quality: { bytesPerSecond: 15_000 } }],
      [3_000, { kind: 'quality', a: 'a', b: 'b', quality: { bytesPerSecond: 10_000_000 } }]
    ]
  }),
  planOf({
    name: 'half-open',
    about: 'One end of a bridge is gone without the other knowing.',
    topology: chain(3),
    ...load('a', 'c', ['b', 'c']),
    steps: [[1_000, { kind: 'half-open', a: 'b', b: 'a' }]]
  }),
  planOf({
    name: 'one-way-cut',
    about: 'What the producer side sends gets lost for a while, the way back is whole.',
    topology: chain(2),
    ...load('a', 'b', ['b']),
    steps: [
      [1_000, { kind: 'cut-one-way', from: 'a', to: 'b' }],
      [6_000, { kind: 'heal', a: 'a', b: 'b' }]
    ]
  }),
  planOf({
    name: 'move-with-backlog',
    about: 'A slow consumer leaves a backlog and turns up at another broker.',
    topology: chain(3),
    producers: [producer('pq', 'a', '/queue/orders', { everyMs: 5 })],
    consumers: [consumer('cq', 'b', '/queue/orders', { prefetch: 10, workMs: 12 })],
    steps: [
      [1_500, { kind: 'move', client: 'cq', to: 'c', leaving: 'orderly' }],
      [1_500, { kind: 'move', client: 'cq', to: 'a', leaving: 'abrupt' }]
    ]
  }),
  planOf({
    name: 'partition',
    about: 'A mesh falls into two halves for six seconds.',
    topology: mesh(4),
    producers: [producer('pq', 'a', '/queue/orders'), producer('pt', 'a', '/topic/prices')],
    consumers: [
      consumer('cq', 'd', '/queue/orders'),
      consumer('ct0', 'b', '/topic/prices', { ack: 'auto' }),
      consumer('ct1', 'c', '/topic/prices', { ack: 'auto' })
    ],
    steps: [
      [
        1_000,
        {
          kind: 'partition',
          groups: [
            ['a', 'b'],
            ['c', 'd']
          ]
        }
      ],
      [6_000, { kind: 'heal-all' }]
    ]
  }),
  planOf({
    name: 'poison',
    about: 'Bytes that are no frame get into a bridge.',
    topology: chain(2),
    ...load('a', 'b', ['b']),
    steps: [[1_000, { kind: 'poison', from: 'a', to: 'b' }]]
  }),
  planOf({
    name: 'power-off',
    about: 'The machine of a broker on the way goes dark and comes back.',
    topology: ring(4),
    ...load('a', 'c', ['c']),
    steps: [
      [1_000, { kind: 'power-off', broker: 'b' }],
      [6_000, { kind: 'start', broker: 'b' }]
    ]
  })
]
