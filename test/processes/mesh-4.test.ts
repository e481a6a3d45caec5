// The shipped mesh, where every flood would multiply: a topic's message reaches every broker once
// and crosses each bridge at most once.

import test from 'ava'
import { withTopology } from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import { waitUntil } from '../support/wait-until.ts'

test.serial('mesh-4 brings a topic to all brokers exactly once', async (t) => {
  t.timeout(90_000)
  await withTopology('mesh-4', async (topology) => {
    const names = topology.all().map(({ name }) => name)
    for (const name of names) {
      await waitUntil(`${name} has three bridges`, async () => {
        return (await topology.peers(name)).length === 3
      })
    }
    const clients = await Promise.all(
      topology.all().map(({ ports }) => StompJsClient.connect(ports.ws))
    )
    for (const client of clients) await client.subscribe('/topic/all')
    await waitUntil('demand has spread', async () => {
      for (const [index, client] of clients.entries()) await client.send('/topic/all', `x${index}`)
      return clients.every((client) => names.every((_, index) => client.count(`x${index}`) > 0))
    })
    const forwarded = async (): Promise<number> => {
      const reports = await Promise.all(names.map((name) => topology.status(name)))
      return reports
        .flatMap(({ bridges = [] }) => bridges)
        .reduce((sum, { messagesSent }) => sum + messagesSent, 0)
    }
    const before = await forwarded()
    await Promise.all(
      clients.map((client, index) => client.sendMany('/topic/all', numbered(`from-${index}`, 100)))
    )
    const expected = names.flatMap((_, index) => numbered(`from-${index}`, 100)).sort()
    for (const client of clients) {
      await waitUntil('all arrive', () => client.count('from') >= expected.length)
    }
    for (const client of clients) {
      const arrived = client.bodies.filter((body) => body.startsWith('from'))
      t.deepEqual(arrived.sort(), expected)
    }
    // Replies to questions about the state count as well: they cross no bridge here.
    t.is((await forwarded()) - before, 400 * 3)
    for (const client of clients) await client.close()
  })
})
