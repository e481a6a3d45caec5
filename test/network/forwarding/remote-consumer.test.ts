// The proxy of another broker's consumers: what must not get lost when a message leaves its queue.

import test from 'ava'
import type { Message } from '../../../src/broker/index.ts'
import { RemoteConsumer } from '../../../src/network/forwarding/remote-consumer.ts'
import { BrokerWorld, bodyOf } from '../../support/broker-world.ts'

test('what a consumer here may have seen leaves for another broker flagged redelivered', (t) => {
  const world = new BrokerWorld()
  const local = world.subscribe({ credit: 1 })
  world.publishAll(['seen', 'unseen'])
  t.is(local.deliveries.length, 1)

  const queue = world.broker.queues.find('orders')!
  const sent: Message[] = []
  const proxy = new RemoteConsumer(
    { queue, proxies: new Map(), onTired: () => {} },
    'far',
    (_proxy, message) => sent.push(message)
  )
  local.die()
  proxy.credit = 10
  queue.addConsumer(proxy)

  t.deepEqual(
    sent.map((message) => [bodyOf(message), message.isRedelivered]),
    [
      ['seen', true],
      ['unseen', false]
    ]
  )
})
