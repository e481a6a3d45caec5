// Draws who sends and who consumes at a network: producers at every broker for queues and a topic,
// with windows of 1 and of 100; consumers for each queue at two brokers; durable subscriptions.

import type { Prng } from '../../sim/prng.ts'
import type { BrokerProcess } from '../../sim/real/broker-process.ts'
import type { StompClientPorts } from '../../src/client/index.ts'
import { type Audience, Ledger } from './ledger.ts'
import { TortureConsumer } from './torture-consumer.ts'
import { TortureProducer } from './torture-producer.ts'

/** What clients are made with. */
export interface DrawClientsOptions {
  readonly random: Prng
  readonly brokers: readonly BrokerProcess[]
  readonly ports: StompClientPorts
  /** Messages a second of all producers together, when nothing stands in their way. */
  readonly perSecond: number
  nowMs(): number
  onProbe(consumer: string, probe: string): void
  onRefused(text: string): void
}

/** Everybody who talks to the brokers. */
export interface DrawnClients {
  readonly ledger: Ledger
  readonly producers: readonly TortureProducer[]
  readonly consumers: readonly TortureConsumer[]
}

/** The topic of the durable subscriptions. */
export const topic = '/topic/news'
const queues = ['/queue/orders', '/queue/bills', '/queue/parcels']
const durables = ['archive', 'mirror']
const topicPart = 0.3

/** See the top of this file. */
export function drawClients(options: DrawClientsOptions): DrawnClients {
  const { random, brokers, perSecond } = options
  const audiences: Audience[] = [
    ...queues.map((name) => ({ name, destination: name })),
    ...durables.map((name) => ({ name, destination: topic }))
  ]
  const ledger = new Ledger(audiences)
  const common = {
    ...{ ports: options.ports, ledger, nowMs: options.nowMs, onRefused: options.onRefused }
  }
  const consumers = audiences.flatMap(({ name, destination }) => {
    const isDurable = destination === topic
    return pickSome(random, brokers, isDurable ? 1 : 2).map((broker, at) => {
      const consumer = isDurable ? name : `${name.slice('/queue/'.length)}-${at + 1}`
      return new TortureConsumer({
        ...common,
        ...{ name: consumer, broker: broker.name, port: broker.ports.stomp },
        ...{ destination, audience: name, isDurable },
        ack: random.pick(['client-individual', 'client-individual', 'client']),
        prefetch: random.pick([1, 10, 100, 1_000]),
        workMsMax: random.pick([0, 5, 50]),
        random: random.fork(`consumer/${consumer}`),
        onProbe: options.onProbe
      })
    })
  })
  const places = brokers.flatMap((broker) => [
    ...[1, 100].map((window) => ({ broker, window, destination: random.pick(queues) })),
    ...(random.chance(topicPart * 2) ? [{ broker, window: 10, destination: topic }] : [])
  ])
  if (!places.some(({ destination }) => destination === topic)) {
    places.push({ broker: random.pick(brokers), window: 10, destination: topic })
  }
  const producers = places.map(({ broker, window, destination }, at) => {
    const name = `p${at + 1}`
    return new TortureProducer({
      ...common,
      ...{ name, broker: broker.name, port: broker.ports.stomp, destination, window },
      perSecond: perSecond / places.length,
      random: random.fork(`producer/${name}`)
    })
  })
  return { ledger, producers, consumers }
}

function pickSome<T>(random: Prng, items: readonly T[], count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const at = random.integer(0, left.length - 1)
    return left.splice(at, 1)[0]!
  })
}
