// The main job in real processes on the shipped ring: delivery across it, exactly once; one broker
// killed and the message goes round the other way; the killed broker comes back and takes part.

import test from 'ava'
import { type RunningTopology, waitUntil, withTopology } from '../support/broker-processes.ts'
import { StompJsClient } from '../support/stompjs-client.ts'

/** Sends on `client` until one of the messages arrives at `consumer`: demand has spread by then. */
async function settle(client: StompJsClient, consumer: StompJsClient, dest: string): Promise<void> {
  let number = 0
  await waitUntil(`a message to ${dest} arrives`, async () => {
    number += 1
    await client.send(dest, `settle ${number}`)
    return consumer.bodies.some((body) => body.startsWith('settle'))
  })
}

function countOf(consumer: StompJsClient, prefix: string): number {
  return consumer.bodies.filter((body) => body.startsWith(prefix)).length
}

async function sendMany(client: StompJsClient, dest: string, prefix: string): Promise<void> {
  for (let i = 0; i < 100; i += 1) await client.send(dest, `${prefix} ${i}`)
}

async function bridgeCount(topology: RunningTopology, broker: string): Promise<number> {
  const status = (await topology.status(broker)) as { bridges: unknown[] }
  return status.bridges.length
}

test.serial('ring-4 delivers across, survives kill -9 and takes the broker back', async (t) => {
  t.timeout(90_000)
  await withTopology('ring-4', async (topology) => {
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    const consumer = await StompJsClient.connect(topology.broker('c').ports.ws)
    t.is(producer.connectedVersion, '1.2')
    await waitUntil('a has both bridges', async () => (await bridgeCount(topology, 'a')) === 2)
    await consumer.subscribe('/topic/prices')
    await consumer.subscribe('/queue/orders')
    await settle(producer, consumer, '/topic/prices')
    await settle(producer, consumer, '/queue/orders')

    await sendMany(producer, '/topic/prices', 'before-topic')
    await sendMany(producer, '/queue/orders', 'before-queue')
    await waitUntil('all arrive', () => countOf(consumer, 'before') >= 200)
    t.is(countOf(consumer, 'before-topic'), 100)
    t.is(countOf(consumer, 'before-queue'), 100)

    await topology.broker('b').killHard()
    await sendMany(producer, '/topic/prices', 'killed-topic')
    await sendMany(producer, '/queue/orders', 'killed-queue')
    await waitUntil('all arrive the other way', () => countOf(consumer, 'killed') >= 200)

    await topology.broker('b').start()
    const back = await StompJsClient.connect(topology.broker('b').ports.ws)
    await back.subscribe('/topic/news')
    const news = (): number => countOf(back, 'settle')
    await settle(producer, back, '/topic/news')
    t.true(news() >= 1)
    await waitUntil('the ring is whole', async () => (await bridgeCount(topology, 'b')) === 2)
    await sendMany(back, '/queue/orders', 'return-queue')
    await waitUntil('all arrive', () => countOf(consumer, 'return') >= 100)

    const numbered = consumer.bodies.filter((body) => !body.startsWith('settle'))
    t.is(new Set(numbered).size, numbered.length, 'nothing arrived twice')
    t.is(numbered.length, 500)
    for (const client of [producer, consumer, back]) await client.close()
  })
})
