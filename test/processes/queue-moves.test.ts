// Queues whose consumers come, go and stop reading somewhere in a ring: what waits goes where it is
// wanted, once, and a consumer that does not read holds up nobody else.

import test from 'ava'
import { type RunningTopology, withTopology } from '../support/broker-processes.ts'
import { RawStompClient } from '../support/raw-stomp-client.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { brokerDialling, type TopologyDocument } from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

const ring: TopologyDocument = {
  network: 'ring',
  brokers: {
    a: brokerDialling(1, 2),
    b: brokerDialling(2, 3),
    c: brokerDialling(3, 4),
    d: brokerDialling(4, 1)
  }
}

/**
 * Waits until the ring is closed, since order is kept while ways stay the same, and broker a knows
 * that each of `brokers` wants something.
 */
async function knownAtA(topology: RunningTopology, brokers: readonly string[]): Promise<void> {
  for (const name of ['a', 'b', 'c', 'd']) {
    await waitUntil(`${name} has both its bridges`, async () => {
      return (await topology.peers(name)).length === 2
    })
  }
  await waitUntil(`a knows what ${brokers.join(' and ')} want`, async () => {
    const { demand = [] } = await topology.status('a')
    return brokers.every((name) => demand.some(({ broker }) => broker === name))
  })
}

test.serial('a backlog follows its consumer to another broker, in order', async (t) => {
  t.timeout(60_000)
  await withTopology(ring, async (topology) => {
    const at = (broker: string) => StompJsClient.connect(topology.broker(broker).ports.ws)
    const producer = await at('c')
    const first = await at('c')
    const taken: string[] = []
    const few = { ack: 'client-individual', 'activemq.prefetchSize': '10' }
    first.client.subscribe('/queue/moves', (message) => taken.push(message.body), few)
    await knownAtA(topology, ['c'])
    // The whole backlog lies at one broker, and so has one order.
    await producer.sendMany('/queue/moves', numbered('job', 1_500))
    await waitUntil('its consumer has its fill', () => taken.length === 10)
    await first.close()

    const second = await at('d')
    await second.subscribe('/queue/moves', { ack: 'client' })
    await waitUntil('all arrive', () => second.received.length >= 1_500)
    t.deepEqual(second.bodies, numbered('job', 1_500))
    const again = second.received.filter(({ headers }) => headers.redelivered === 'true')
    t.deepEqual(
      again.map(({ body }) => body),
      numbered('job', 10),
      'what the first may have seen says so, and nothing else does'
    )
    for (const client of [producer, second]) await client.close()
  })
})

test.serial('consumers at all brokers share a queue, each message going to one', async (t) => {
  t.timeout(60_000)
  await withTopology(ring, async (topology) => {
    const consumers = await Promise.all(
      ['b', 'c', 'd'].map((broker) => StompJsClient.connect(topology.broker(broker).ports.ws))
    )
    for (const consumer of consumers) await consumer.subscribe('/queue/shared', { ack: 'client' })
    await knownAtA(topology, ['b', 'c', 'd'])
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    await producer.sendMany('/queue/shared', numbered('job', 3_000))
    const bodies = (): string[] => consumers.flatMap((consumer) => consumer.bodies)
    await waitUntil('all arrive', () => bodies().length >= 3_000)
    t.deepEqual(bodies().sort(), numbered('job', 3_000).sort())
    // The near ones come first: those two hops away get work when these have enough.
    t.true(consumers[0]!.received.length > 0 && consumers[2]!.received.length > 0)
    t.log(`shares of b, c and d: ${consumers.map(({ received }) => received.length).join(', ')}`)
    for (const client of [producer, ...consumers]) await client.close()
  })
})

test.serial('a queue consumer that does not read holds up nobody on its bridges', async (t) => {
  t.timeout(120_000)
  const limits = { queueBytesMax: '16MiB' }
  await withTopology({ ...ring, defaults: { limits } }, async (topology) => {
    const stuck = await RawStompClient.connect(topology.broker('c').ports.stomp)
    stuck.write('SUBSCRIBE\nid:0\ndestination:/queue/stuck\nreceipt:subscribed\n\n\0')
    t.is((await stuck.take('the receipt')).command, 'RECEIPT')
    stuck.pause()
    const lively = await StompJsClient.connect(topology.broker('c').ports.ws)
    await lively.subscribe('/queue/lively')
    await lively.subscribe('/topic/lively')
    await knownAtA(topology, ['c'])

    const flood = await RawStompClient.connect(topology.broker('a').ports.stomp)
    const padding = 'x'.repeat(8_192)
    // More than two bridges on the way and both queues may hold.
    const total = 20_000
    for (let i = 0; i < total; i += 1) {
      flood.write(`SEND\ndestination:/queue/stuck\n\n${i} ${padding}\0`)
    }
    await waitUntil('the flood is held back at its source', async () => {
      return (await topology.status('a')).pausedProducers === 1
    })
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    await waitUntil('the others are served', async () => {
      await producer.send('/topic/lively', 'settle')
      return lively.count('settle') > 0
    })
    await producer.sendMany('/queue/lively', numbered('queue', 500))
    await producer.sendMany('/topic/lively', numbered('topic', 500))
    await waitUntil('all arrive', () => lively.count('queue') + lively.count('topic') >= 1_000)
    t.is(stuck.frames.length, 0)

    stuck.resume()
    await waitUntil('what waited arrives', () => stuck.frames.length >= total, 60_000)
    const order = stuck.frames.map(({ body }) => Number.parseInt(body.toString(), 10))
    t.deepEqual(
      order,
      Array.from({ length: total }, (_, i) => i)
    )
    for (const client of [stuck, flood]) client.close()
    for (const client of [producer, lively]) await client.close()
  })
})
