// A temporary queue whose requester takes nothing: it loses replies, and nobody waits for it.

import test from 'ava'
import { BrokerWorld } from '../support/broker-world.ts'

test('a full temporary queue drops further replies and holds nobody back', (t) => {
  const world = new BrokerWorld({ queueMessagesMax: 3 })
  const { name } = world.broker.createTemporaryQueue()
  const gates = ['1', '2', '3', '4', '5'].map((body) =>
    world.publish({ kind: 'temp-queue', to: name, body })
  )
  t.deepEqual(gates, [undefined, undefined, undefined, undefined, undefined])
  t.is(world.broker.notDelivered.get('temp-queue-full'), 2)
  const requester = world.subscribe({}, { kind: 'temp-queue', pattern: name })
  t.deepEqual(requester.bodies(), ['1', '2', '3'])
})
