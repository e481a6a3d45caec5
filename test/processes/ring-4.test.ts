// The main job in real processes on the shipped ring: delivery across it, exactly once; one broker
// killed and the message goes round the other way; the killed broker comes back and takes part.

import test from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Sends on `client` until one of the messages arrives at `consumer`: demand has spread by then. */
async function settle(client: StompJsClient, consumer: StompJsClient, dest: string): Promise<void> {
  const settled = `settle ${dest}`
  await waitUntil(`a message to ${dest} arrives`, async () => {
    await client.send(dest, settled)
    return consumer.count(settled) > 0
  })
}

/** Sends 100 at a time to both destinations, each with a receipt. */
async function sendBoth(client: StompJsClient, prefix: string): Promise<void> {
  for (const body of numbered(`${prefix}-topic`, 100)) await client.send('/topic/prices', body)
  for (const body of numbered(`${prefix}-queue`, 100)) await client.send('/queue/orders', body)
}

test.serial('ring-4 delivers across, survives kill -9 and takes the broker back', async (t) => {
  t.timeout(90_000)
  await withTopology('ring-4', async (topology) => {
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    const consumer = await StompJsClient.connect(topology.broker('c').ports.ws)
    t.is(producer.connectedVersion, '1.2')
    await waitUntil('a has both bridges', async () => (await topology.peers('a')).length === 2)
    await consumer.subscribe('/topic/prices')
    await consumer.subscribe('/queue/orders')
    await settle(producer, consumer, '/topic/prices')
    await settle(producer, consumer, '/queue/orders')

    await sendBoth(producer, 'before')
    await waitUntil('all arrive', () => consumer.count('before') >= 200)

    await topology.broker('b').killHard()
    await sendBoth(producer, 'killed')
    await waitUntil('all arrive the other way', () => consumer.count('killed') >= 200)

    await topology.broker('b').start()
    const back = await StompJsClient.connect(topology.broker('b').ports.ws)
    await back.subscribe('/topic/news')
    await settle(producer, back, '/topic/news')
    await waitUntil('the ring is whole', async () => (await topology.peers('b')).length === 2)
    await sendBoth(back, 'return')
    await waitUntil('all arrive', () => consumer.count('return') >= 200)

    const expected = ['before', 'killed', 'return'].flatMap((prefix) => [
      ...numbered(`${prefix}-topic`, 100),
      ...numbered(`${prefix}-queue`, 100)
    ])
    const arrived = consumer.bodies.filter((body) => !body.startsWith('settle'))
    t.deepEqual(arrived.sort(), expected.sort(), 'each arrived, and once')
    for (const client of [producer, consumer, back]) await client.close()
  })
})
