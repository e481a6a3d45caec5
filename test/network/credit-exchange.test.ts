// How what brokers say of how much they take finds its way: back as the messages came, along the
// routes where that is gone, in frames that are not too long, and never round and round.

import test from 'ava'
import type { Bridges } from '../../src/network/bridge/index.ts'
import type { Grant, QueueShort, Short } from '../../src/network/bridge-protocol/index.ts'
import { grantQueuesMax } from '../../src/network/bridge-protocol/index.ts'
import { CreditExchange } from '../../src/network/credit-exchange.ts'
import type { RemoteConsumers } from '../../src/network/forwarding/index.ts'
import type { Routes } from '../../src/network/map/index.ts'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

/** An exchange at `m`, whose routes lead to everybody by way of the bridge to `n`. */
function exchangeAt(peers: readonly string[]) {
  const { broker, clock, scheduler } = new BrokerWorld({}, { name: 'm' })
  const sent: { peer: string; frame: Grant | Short }[] = []
  const granted: string[] = []
  let asked = 0
  const short = new Map<string, readonly QueueShort[]>()
  const bridges = {
    get: (peer: string) => {
      const note = (frame: Grant | Short): void => void sent.push({ peer, frame })
      return peers.includes(peer) ? { sendGrant: note, sendShort: note } : undefined
    }
  } as unknown as Bridges
  const exchange = new CreditExchange({
    ...{ broker, clock, self: 'm', hopsMax: 4 },
    routes: { for: () => ({ nextHop: () => 'n' }) } as unknown as Routes,
    bridges: () => bridges,
    proxies: () =>
      ({
        onGrant: (from: string, { queue }: { queue: string }) => granted.push(`${from} ${queue}`),
        takeShort: () => short,
        askAgain: () => {
          asked += 1
        }
      }) as unknown as RemoteConsumers
  })
  return { exchange, sent, granted, short, scheduler, asked: () => asked }
}

const orders = { queue: 'orders', limit: 5 }
const queues = [{ queue: 'orders', arrived: 1, room: 2, capacity: 3 }]

test('a grant goes back as the messages came, else along the routes', (t) => {
  const { exchange, sent, granted } = exchangeAt(['x', 'n'])
  const grant = { to: 'a', from: 'z', hopsLeft: 9, queues }
  exchange.onGrant({ ...grant, via: ['x', 'y'] })
  exchange.onGrant({ ...grant, via: ['gone', 'y'] })
  exchange.onGrant({ ...grant, to: 'x', via: [] })
  exchange.onGrant({ ...grant, to: 'm', via: [] })
  t.deepEqual(
    sent.map(({ peer, frame }) => [peer, (frame as Grant).via, frame.hopsLeft]),
    [
      ['x', ['y'], 8],
      ['n', [], 8],
      ['x', [], 8]
    ]
  )
  t.deepEqual(granted, ['z orders'])
})

test('a grant that has crossed as many bridges as it may is dropped', (t) => {
  const { exchange, sent } = exchangeAt(['n'])
  exchange.onGrant({ to: 'a', from: 'z', hopsLeft: 1, via: [], queues })
  exchange.onShort({ to: 'a', from: 'z', hopsLeft: 1, queues: [orders] })
  t.deepEqual(sent, [])
  exchange.onShort({ to: 'a', from: 'z', hopsLeft: 2, queues: [orders] })
  t.is(sent.length, 1)
})

test('after changes of the map what may have been lost is asked for, once', (t) => {
  const { exchange, asked, scheduler } = exchangeAt(['n'])
  exchange.onMapChanged()
  exchange.onMapChanged()
  t.is(asked(), 0)
  scheduler.runFor(1_000)
  t.is(asked(), 1)
  exchange.onMapChanged()
  exchange.stop()
  scheduler.runFor(1_000)
  t.is(asked(), 1)
})

test('more queues than a frame holds are asked for in several', (t) => {
  const { exchange, sent, short, scheduler } = exchangeAt(['n'])
  short.set(
    'z',
    numbers(grantQueuesMax + 1).map((queue) => ({ queue, limit: 1 }))
  )
  exchange.onProxyShort()
  exchange.onProxyShort()
  scheduler.runFor(0)
  t.deepEqual(
    sent.map(({ frame }) => frame.queues.length),
    [grantQueuesMax, 1]
  )
})
