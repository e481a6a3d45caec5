// What is in doubt when a bridge breaks is resolved by another way, and then goes that way at once:
// not twice, not marked, and long before the hold for it is over.

import test from 'ava'
import type { Bridges } from '../../src/network/bridge/index.ts'
import type { Inquiry } from '../../src/network/bridge-protocol/index.ts'
import { CustodyInquiries } from '../../src/network/custody-inquiries.ts'
import type { Routes } from '../../src/network/map/index.ts'
import { BrokerNetwork } from '../support/broker-network.ts'
import { numbers } from '../support/broker-world.ts'
import { VirtualWorld } from '../support/virtual-world.ts'

/** So long that only an answer by another way explains what arrives before. */
const longHold = { network: { bridges: { inDoubtHoldMs: 60_000 } } }

function triangle() {
  const world = new BrokerNetwork()
  const [a, b] = world.addAll(['a', 'b', 'c'], longHold)
  world.join('a-b', 'b-c', 'c-a')
  return { world, a: a!, b: b! }
}

test('what is in doubt goes another way at once, each once and unmarked', (t) => {
  const { world, a, b } = triangle()
  const consumer = b.subscribe({ settles: true })
  world.run(100)
  // What a sends arrives, and no acknowledgement comes back; then the bridge is gone for good.
  world.wires.setQuality('a', 'b', { latencyMs: 20 })
  a.publishAll(numbers(20))
  world.run(30)
  a.publishAll(numbers(40).slice(20))
  world.wires.cut('a', 'b')
  world.wires.reset('a', 'b')
  world.run(1_000)
  t.deepEqual(
    [...consumer.bodies()].sort((x, y) => Number(x) - Number(y)),
    numbers(40)
  )
  t.true(consumer.deliveries.every(({ isRedelivered }) => !isRedelivered))
  t.is(a.network.bridges.inDoubt().messages, 0)
})

test('the end that does not know yet that its bridge is lost ends it when asked', (t) => {
  const { world, a, b } = triangle()
  const consumer = b.subscribe({ settles: true })
  world.run(100)
  a.publishAll(numbers(10))
  world.run(0.3)
  // Nothing crosses any more, and b has no reason yet to doubt.
  world.wires.cut('a', 'b')
  a.network.bridges.get('b')!.close('withdrawn', 'test')
  world.run(2_500)
  t.deepEqual(b.peers(), ['c'])
  t.deepEqual([...consumer.bodies()].sort(), numbers(10).sort())
  t.true(consumer.deliveries.every(({ isRedelivered }) => !isRedelivered))
})

test('a question that has crossed as many bridges as it may is dropped', (t) => {
  const asked: Inquiry[] = []
  const inquiries = new CustodyInquiries({
    clock: new VirtualWorld(),
    routes: { for: () => ({ nextHop: () => 'b' }) } as unknown as Routes,
    bridges: () =>
      ({
        get: () => ({ sendInquiry: (inquiry: Inquiry) => asked.push(inquiry) })
      }) as unknown as Bridges,
    self: { broker: 'a', incarnation: 1 },
    hopsMax: 32
  })
  const inquiry = { to: 'z', from: 'y', fromIncarnation: 1, toIncarnation: 1, generation: 1 }
  inquiries.onInquiry({ ...inquiry, hopsLeft: 2 })
  inquiries.onInquiry({ ...inquiry, hopsLeft: 1 })
  t.deepEqual(
    asked.map(({ hopsLeft }) => hopsLeft),
    [1]
  )
})
