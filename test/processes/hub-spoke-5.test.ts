// The shipped hub and spokes in real processes: spokes exchange through the hub, and a spoke without
// consumers receives not one message.

import test from 'ava'
import { waitUntil, withTopology } from '../support/broker-processes.ts'
import { StompJsClient } from '../support/stompjs-client.ts'

interface BridgeStatus {
  readonly peer: string
  readonly messagesSent: number
  readonly messagesReceived: number
}

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
    const numbered = (): string[] => consumer.bodies.filter((body) => /^(topic|queue) /.test(body))
    await waitUntil('all arrive', () => numbered().length >= 400)
    t.deepEqual(
      numbered().filter((body) => body.startsWith('topic')),
      Array.from({ length: 200 }, (_, i) => `topic ${i}`)
    )
    t.is(new Set(numbered()).size, 400)

    const { bridges } = (await topology.status('hub')) as unknown as { bridges: BridgeStatus[] }
    const sentTo = (peer: string): number =>
      bridges.find((bridge) => bridge.peer === peer)?.messagesSent ?? Number.NaN
    t.true(sentTo('spoke-2') >= 400)
    t.is(sentTo('spoke-3'), 0)
    t.is(sentTo('spoke-4'), 0)
    t.is(bridges.find((bridge) => bridge.peer === 'spoke-1')?.messagesReceived, sentTo('spoke-2'))
    for (const client of [producer, consumer]) await client.close()
  })
})
