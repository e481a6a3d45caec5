// The shipped hub and spokes in real processes: spokes exchange through the hub, and a spoke
// without consumers receives not one message.

import test from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { waitUntil } from '../support/wait-until.ts'

test.serial('hub-spoke-5 forwards only to spokes that have consumers', async (t) => {
  t.timeout(90_000)
  await withTopology('hub-spoke-5', async (topology) => {
    const producer = await StompJsClient.connect(topology.broker('spoke-1').ports.ws)
    const consumer = await StompJsClient.connect(topology.broker('spoke-2').ports.ws)
    await consumer.subscribe('/topic/prices.>')
    await consumer.subscribe('/queue/orders', { ack: 'client-individual' })
    await waitUntil('the first arrives', async () => {
      await producer.send('/topic/prices.eu', 'settle')
      return consumer.bodies.length > 0
    })
    for (let i = 0; i < 200; i += 1) {
      await producer.send('/topic/prices.eu', `topic ${i}`)
      await producer.send('/queue/orders', `queue ${i}`)
      await producer.send('/topic/nobody.wants.this', `unwanted ${i}`)
    }
    await waitUntil('all arrive', () => consumer.count('topic') + consumer.count('queue') >= 400)
    const topics = consumer.bodies.filter((body) => body.startsWith('topic'))
    t.deepEqual(topics, numbered('topic', 200))
    const queues = consumer.bodies.filter((body) => body.startsWith('queue'))
    t.deepEqual(queues, numbered('queue', 200))

    const { bridges = [] } = await topology.status('hub')
    const to = (peer: string) => bridges.find((bridge) => bridge.peer === peer)!
    t.true(to('spoke-2').messagesSent >= 400)
    t.is(to('spoke-3').messagesSent, 0)
    t.is(to('spoke-4').messagesSent, 0)
    t.is(to('spoke-1').messagesReceived, to('spoke-2').messagesSent)
    for (const client of [producer, consumer]) await client.close()
  })
})
