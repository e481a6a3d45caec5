// On the shipped ring in real processes: brokers converge, say where messages would go, and say so
// again when one of them is gone; and messages go there.

import test from 'ava'
import type { ExplainReport } from '../../src/admin/index.ts'
import { type RunningTopology, runCommand, withTopology } from '../support/broker-processes.ts'
import { StompJsClient } from '../support/stompjs-client.ts'
import { waitUntil } from '../support/wait-until.ts'

async function converge(topology: RunningTopology, at: string): Promise<void> {
  const { stomp } = topology.broker(at).ports
  const url = `stomp://127.0.0.1:${stomp}`
  const { code, stdout } = await runCommand([
    'status',
    '--converged',
    '--wait',
    '30s',
    '--url',
    url
  ])
  if (code !== 0) throw new Error(stdout)
}

async function explain(
  topology: RunningTopology,
  destination: string,
  at: string
): Promise<ExplainReport> {
  // Asked at another broker than the one that answers.
  const url = `stomp://127.0.0.1:${topology.broker('d').ports.stomp}`
  const args = ['explain', destination, '--at', at, '--json', '--url', url]
  return JSON.parse((await runCommand(args)).stdout) as ExplainReport
}

function pathTo({ brokers }: ExplainReport, broker: string): string {
  const route = brokers.find((one) => one.broker === broker)!
  return route.path.map((step) => step.broker).join(' ')
}

test.serial('ring-4 says where messages go, before and after a broker is lost', async (t) => {
  t.timeout(120_000)
  await withTopology('ring-4', async (topology) => {
    await waitUntil('a has both bridges', async () => (await topology.peers('a')).length === 2)
    const consumer = await StompJsClient.connect(topology.broker('c').ports.ws)
    await consumer.subscribe('/topic/prices')
    await consumer.subscribe('/queue/orders')
    await converge(topology, 'a')
    const queue = await explain(topology, '/queue/orders', 'a')
    t.deepEqual(queue.goesTo, ['c'])
    const way = pathTo(queue, 'c')
    t.true(way === 'b c' || way === 'd c', way)
    const topic = await explain(topology, '/topic/prices', 'c')
    t.deepEqual(topic.goesTo, ['c'])
    t.deepEqual(
      topic.brokers.slice(1).map(({ reason }) => reason),
      ['no-consumers', 'no-consumers', 'no-consumers']
    )
    await topology.broker('b').killHard()
    await waitUntil('a notices', async () => (await topology.peers('a')).length === 1)
    await converge(topology, 'a')
    const detour = await explain(topology, '/topic/prices', 'a')
    t.deepEqual(detour.goesTo, ['c'])
    t.is(pathTo(detour, 'c'), 'd c')
    t.false(detour.brokers.find(({ broker }) => broker === 'b')!.isReachable)
    const producer = await StompJsClient.connect(topology.broker('a').ports.ws)
    await producer.send('/topic/prices', 'one')
    await producer.send('/queue/orders', 'two')
    await waitUntil('both arrive', () => consumer.bodies.length === 2)
    const url = `stomp://127.0.0.1:${topology.broker('a').ports.stomp}`
    const nobody = await runCommand(['explain', '/topic/news', '--url', url])
    t.is(nobody.code, 1)
    t.regex(nobody.stdout, /goes nowhere: nobody wants it/)
    for (const client of [producer, consumer]) await client.close()
  })
})
