// The shipped topology with two hubs: one of them dies and the sites go on through the other.

import test from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { waitUntil } from '../support/wait-until.ts'

test.serial('two-hubs goes on through the other hub when one is killed', async (t) => {
  t.timeout(90_000)
  await withTopology('two-hubs', async (topology) => {
    const spokes = ['spoke-1', 'spoke-2', 'spoke-3', 'spoke-4']
    for (const spoke of spokes) {
      await waitUntil(`${spoke} has both hubs`, async () => {
        return (await topology.peers(spoke)).join() === 'hub-1,hub-2'
      })
    }
    const clients = await Promise.all(
      spokes.map((spoke) => StompJsClient.connect(topology.broker(spoke).ports.ws))
    )
    const [producer, ...consumers] = clients as [StompJsClient, ...StompJsClient[]]
    for (const consumer of consumers) await consumer.subscribe('/topic/sites')
    await consumers[2]!.subscribe('/queue/site-4')
    await waitUntil('demand has spread', async () => {
      await producer.send('/topic/sites', 'settle')
      return consumers.every((consumer) => consumer.count('settle') > 0)
    })
    const round = async (prefix: string): Promise<void> => {
      await producer.sendMany('/topic/sites', numbered(`${prefix}-topic`, 100))
      await producer.sendMany('/queue/site-4', numbered(`${prefix}-queue`, 100))
      await waitUntil(`all of ${prefix} arrive`, () =>
        consumers.every((consumer) => consumer.count(`${prefix}-topic`) >= 100)
      )
      await waitUntil('the queue as well', () => consumers[2]!.count(`${prefix}-queue`) >= 100)
    }
    await round('with')
    await topology.broker('hub-1').killHard()
    await round('without')
    for (const spoke of spokes) t.deepEqual(await topology.peers(spoke), ['hub-2'])

    const topics = [...numbered('with-topic', 100), ...numbered('without-topic', 100)]
    for (const consumer of consumers) {
      const arrived = consumer.bodies.filter((body) => body.includes('-topic'))
      t.deepEqual(arrived, topics, 'in order, each once')
    }
    t.is(consumers[2]!.count('with-queue') + consumers[2]!.count('without-queue'), 200)
    for (const client of clients) await client.close()
  })
})
