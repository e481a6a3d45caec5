// How brokers join, and who is turned away: one bridge for a pair that dials from both sides;
// another network, a name that is taken and one's own port refused, with the reason in the logs of
// both.

import test from 'ava'
import {
  type BrokerProcess,
  type RunningTopology,
  withTopologies,
  withTopology
} from '../support/broker-processes.ts'
import { numbered, StompJsClient } from '../support/stompjs-client.ts'
import {
  bridgeUri,
  brokerAt,
  brokerDialling,
  type TopologyDocument
} from '../support/topology-document.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Waits until a broker has logged a refusal for this reason; answers its text. */
async function refusalAt(broker: BrokerProcess, code: string): Promise<string> {
  const refusals = () =>
    [...broker.logged('bridge-refused'), ...broker.logged('bridge-dial-failed')].filter(
      (record) => record.code === code
    )
  await waitUntil(`${broker.name} logs ${code}`, () => refusals().length > 0)
  return String(refusals()[0]!.reason)
}

const bothDial: TopologyDocument = {
  network: 'both',
  brokers: { a: brokerDialling(1, 2), b: brokerDialling(2, 1) }
}

test.serial('two brokers that dial each other have one bridge, also after one dies', async (t) => {
  t.timeout(90_000)
  await withTopology(bothDial, async (topology) => {
    const [a, b] = [topology.broker('a'), topology.broker('b')]
    const producer = await StompJsClient.connect(a.ports.ws)
    for (const round of ['first', 'second']) {
      const consumer = await StompJsClient.connect(b.ports.ws)
      await consumer.subscribe('/queue/pair')
      await waitUntil('one dialler made the bridge and the other stands by', async () => {
        const reports = await Promise.all([a.status(), b.status()])
        const states = reports.flatMap(({ connectors = [] }) => connectors.map((c) => c.state))
        const haveOne = reports.every(({ bridges = [] }) => bridges.length === 1)
        return haveOne && states.sort().join() === 'bridged,standby'
      })
      await producer.sendMany('/queue/pair', numbered(round, 200))
      await waitUntil('all arrive', () => consumer.count(round) >= 200)
      t.deepEqual(consumer.bodies, numbered(round, 200))
      await consumer.close()
      if (round === 'second') break
      await b.killHard()
      await b.start()
    }
    await producer.close()
  })
})

test.serial('a broker of another network is refused, and both say why', async (t) => {
  t.timeout(60_000)
  const ours = { network: 'ours', brokers: { a: brokerAt(1) } }
  const theirs = { network: 'theirs', brokers: { b: brokerDialling(2, 1) } }
  await withTopologies([ours, theirs], async ([first, second]) => {
    const [a, b] = [first!.broker('a'), second!.broker('b')]
    t.regex(await refusalAt(a, 'wrong-network'), /"ours"/)
    t.regex(await refusalAt(a, 'wrong-network'), /"theirs"/)
    t.regex(await refusalAt(b, 'wrong-network'), /"ours"/)
    t.deepEqual(await first!.peers('a'), [])
    t.deepEqual(await second!.peers('b'), [])
    const { connectors = [] } = await b.status()
    t.regex(connectors[0]!.failure, /^wrong-network: /)
  })
})

test.serial('a second broker of the same name is refused wherever it dials', async (t) => {
  t.timeout(60_000)
  const network = { network: 'twins', brokers: { a: brokerAt(1), b: brokerDialling(2, 1) } }
  // It calls itself "a" and dials the other "a" and a's neighbour "b".
  const dials = [{ uri: bridgeUri(1) }, { uri: bridgeUri(2) }]
  const twin = { network: 'twins', brokers: { a: brokerAt(3, { networkConnectors: dials }) } }
  const run = async ([first, second]: readonly RunningTopology[]): Promise<void> => {
    const [a, b] = [first!.broker('a'), first!.broker('b')]
    const impostor = second!.broker('a')
    await waitUntil('the first are joined', async () => (await first!.peers('a')).join() === 'b')
    await impostor.start()
    t.regex(await refusalAt(a, 'name-in-use'), /"a"/)
    t.regex(await refusalAt(b, 'name-in-use'), /"a"/)
    t.regex(await refusalAt(impostor, 'name-in-use'), /"a"/)
    await waitUntil('both its dials have failed', async () => {
      const { connectors = [] } = await impostor.status()
      return connectors.every(({ failure }) => failure.startsWith('name-in-use: '))
    })
    t.deepEqual(await second!.peers('a'), [])
    t.deepEqual(await first!.peers('a'), ['b'])

    // Names are given in order of arrival: who is turned away gets in when the name is free.
    await a.stop()
    await waitUntil('the second takes its place', async () => {
      return (await second!.peers('a')).join() === 'b'
    })
    await a.start()
    t.regex(await refusalAt(b, 'name-in-use'), /"a"/)
    await waitUntil('b says why it does not bridge', () =>
      b.logged('bridge-dial-failed').some(({ code }) => code === 'name-in-use')
    )
    await impostor.stop()
    await waitUntil('the first is back', async () => (await first!.peers('a')).join() === 'b')
  }
  await withTopologies([network, twin], run, ['a'])
})

test.serial('a broker that dials itself says so and goes on', async (t) => {
  t.timeout(60_000)
  // Written so that the check of the file cannot see it: only dialling reads the address.
  const self = bridgeUri(1, '127.1')
  const network = {
    network: 'self',
    brokers: { a: brokerAt(1, { networkConnectors: [{ uri: self }] }), b: brokerDialling(2, 1) }
  }
  await withTopology(network, async (topology) => {
    const reason = await refusalAt(topology.broker('a'), 'own-id')
    t.regex(reason, /itself/)
    await waitUntil('it is joined with others', async () => {
      return (await topology.peers('a')).join() === 'b'
    })
  })
})
