// The proxy of another broker's consumers: what must not get lost when a message leaves its queue.

import test from 'ava'
import type { Message, Queue } from '../../../src/broker/index.ts'
import {
  RemoteConsumer,
  type SendToTarget
} from '../../../src/network/forwarding/remote-consumer.ts'
import { BrokerWorld, bodyOf } from '../../support/broker-world.ts'

function proxyAt(queue: Queue, send: SendToTarget): RemoteConsumer {
  return new RemoteConsumer(
    { queue, proxies: new Map(), onTired: () => {}, mayTryAgain: () => false, turns: () => 0 },
    'far',
    undefined,
    send
  )
}

test('what a consumer here may have seen leaves for another broker flagged redelivered', (t) => {
  const world = new BrokerWorld()
  const local = world.subscribe({ credit: 1 })
  world.publishAll(['seen', 'unseen'])
  t.is(local.deliveries.length, 1)

  const queue = world.broker.queues.find('orders')!
  const sent: Message[] = []
  const proxy = proxyAt(queue, (_proxy, message) => sent.push(message) > 0)
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

test('a message that a proxy does not take has never left its place', (t) => {
  const world = new BrokerWorld()
  world.publishAll(['1', '2'])
  const queue = world.broker.queues.find('orders')!
  let offers = 0
  const proxy = proxyAt(queue, () => {
    offers += 1
    return false
  })
  proxy.credit = 1
  const { head } = queue.ready
  queue.addConsumer(proxy)
  world.publish({ body: '3' })
  t.is(offers, 1)
  t.is(proxy.credit, 0)
  t.is(queue.ready.head, head)
  t.is(queue.dispatched, 0)
  t.is(queue.settled, 0)
  t.deepEqual(world.subscribe().bodies(), ['1', '2', '3'])
})
