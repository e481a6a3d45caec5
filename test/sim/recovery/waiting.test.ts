// Messages that wait for a way, for too long or too many of them; and ways that are too long.

import test from 'ava'
import { chain } from '../../../sim/topologies.ts'
import { aConsumer, aProducer, plainSettings, startSmall } from '../small-world.ts'
import { givenUp, runMarked, withNetwork } from './marked-world.ts'

const queue = '/queue/q'

test.serial(
  'what waits longer than its patience is given up and counted, the rest arrives',
  (t) => {
    const [result] = runMarked(
      t,
      {
        topology: chain(3),
        settings: withNetwork({
          parking: { ...plainSettings.network.parking, patienceMs: 3_000 }
        }),
        producers: [aProducer({ at: 'a' })],
        consumers: [aConsumer({ at: 'c' })],
        play(world, plan) {
          startSmall(world, plan)
          world.runFor(500)
          world.faults.cut('b', 'c')
          world.runFor(15_000)
          world.faults.heal('b', 'c')
          world.runFor(3_000)
          world.finish()
        }
      },
      ['parked-for-a-route', 'parked-too-long']
    )
    const { messages, deliveries } = result!
    t.true(givenUp(result!, 'no-route') > 100)
    t.is(messages - deliveries, givenUp(result!, 'no-route') + givenUp(result!, 'no-demand'))
  }
)

test.serial('what finds no place to wait is given up and counted, the rest arrives', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(3),
      settings: withNetwork({ parking: { ...plainSettings.network.parking, messagesMax: 3 } }),
      producers: [aProducer({ at: 'a' })],
      consumers: [aConsumer({ at: 'c' })],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(500)
        world.faults.cut('b', 'c')
        world.runFor(7_000)
        world.faults.heal('b', 'c')
        world.runFor(3_000)
        world.finish()
      }
    },
    ['parking-full', 'route-parked-tried-again']
  )
  t.true(givenUp(result!, 'parking-full') > 50)
})

test.serial('a message whose way is longer than its hops begins anew, and arrives', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(14),
      settings: withNetwork({ hopsMax: 1 }),
      producers: [
        aProducer({ at: 'a', everyMs: 100 }),
        aProducer({ name: 'p2', at: 'a', destination: queue, everyMs: 100 })
      ],
      consumers: [aConsumer({ at: 'n' }), aConsumer({ name: 'c2', at: 'n', destination: queue })],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(3_000)
        world.finish()
      }
    },
    ['route-hop-limit', 'route-new-journey', 'route-queue-message-kept-here']
  )
  t.is(result!.deliveries, result!.messages)
})

test.serial('a message that was sent round too often tries again, and reaches the last', (t) => {
  const [result] = runMarked(
    t,
    {
      topology: chain(3),
      producers: [aProducer({ at: 'b', destination: queue })],
      consumers: [aConsumer({ at: 'b', destination: queue, workMs: 60_000 })],
      play(world, plan) {
        startSmall(world, plan)
        world.runFor(200)
        world.producers.get('p')!.stop()
        for (let times = 0; times < 20; times += 1) {
          world.move('c', times % 2 === 0 ? 'a' : 'b', 'abrupt')
          world.runFor(100)
        }
        world.stopConsumer('c', 'abrupt')
        world.addConsumer(aConsumer({ name: 'last', at: 'c', destination: queue }))
        world.finish()
      }
    },
    ['proxy-message-is-tired', 'proxy-tired-message-tries-again', 'queue-redelivers']
  )
  for (const { deliveries } of result!.world.ledger.all()) t.true(deliveries > 0)
})
