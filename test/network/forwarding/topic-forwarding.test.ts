// A topic's messages on their way to other brokers' subscribers: one copy per branch, and the last
// guards against going in circles.

import test from 'ava'
import fc from 'fast-check'
import { targetsMax } from '../../../src/network/bridge-protocol/index.ts'
import { splitTargets } from '../../../src/network/forwarding/split-targets.ts'
import { Routes } from '../../../src/network/map/index.ts'
import { numbers } from '../../support/broker-world.ts'
import { mapOf, randomRecords } from '../map/map-builders.ts'
import { ForwardingWorld } from './forwarding-world.ts'

const prices = { kind: 'topic', to: 'prices' } as const

test('each target stands in exactly one branch, behind the neighbour on its way', (t) => {
  fc.assert(
    fc.property(randomRecords, (records) => {
      const self = records[0]!.broker
      const table = new Routes(mapOf(self, records)).for({ kind: 'topic', name: 'x' })
      const targets = records.slice(1).map((record) => record.broker)
      const branches = splitTargets(targets, (target) => table.nextHop(target))
      const split = branches.flatMap((branch) => [...branch.targets])
      t.deepEqual([...split].sort(), [...targets].sort())
      const hops = branches.map((branch) => branch.nextHop)
      t.is(new Set(hops).size, hops.length)
      for (const { nextHop, targets: behind } of branches) {
        t.true(behind.length > 0)
        t.true(behind.every((target) => table.nextHop(target) === nextHop))
      }
    }),
    { numRuns: 300 }
  )
})

test('more targets than a frame carries go in several copies, each target in one', (t) => {
  const targets = numbers(targetsMax * 2 + 1)
  const branches = splitTargets(targets, () => 'b')
  t.deepEqual(
    branches.map((branch) => branch.targets.length),
    [targetsMax, targetsMax, 1]
  )
  t.deepEqual(
    branches.flatMap((branch) => [...branch.targets]),
    targets
  )
})

test('a copy goes to each neighbour on the way to a subscriber, with its targets', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c', 'hub-d', 'd-e'])
  for (const broker of ['b', 'c', 'e']) world.want(broker, 'topic://prices')
  t.is(world.publish({ ...prices, body: '1' }), undefined)
  t.deepEqual(world.sent().sort(), ['b:1>b,c', 'd:1>e'])
})

test('the branches of a topic follow demand and map', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c', 'hub-d:9', 'c-d:9'])
  world.want('c', 'topic://prices')
  world.publish({ ...prices, body: '1' })
  world.want('c', 'topic://prices', 'queue://noise')
  world.want('b', 'topic://*')
  world.publish({ ...prices, body: '2' })
  world.partUp('b-c')
  world.publish({ ...prices, body: '3' })
  world.want('c')
  world.publish({ ...prices, body: '4' })
  t.deepEqual(world.sent(), ['b:1>c', 'b:2>c,b', 'd:3>c', 'b:3>b', 'b:4>b'])
})

test('a message passes through: delivered here, sent on to the others', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  const local = world.subscribe({}, { kind: 'topic', pattern: 'prices' })
  world.arrive({ ...prices, body: '1', targets: ['c', 'hub'] })
  world.arrive({ ...prices, body: '2', targets: ['c'] })
  world.arrive({ ...prices, body: '3', targets: ['hub'] })
  t.deepEqual(local.bodies(), ['1', '3'])
  t.deepEqual(world.sent(), ['c:1>c', 'c:2>c'])
})

test('a full topic elsewhere gives producers the gate, and the gate opens with demand', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'topic://prices 0')
  world.want('c', 'topic://prices')
  const gate = world.publish({ ...prices, body: '1' })
  t.is(gate, world.router.gate)
  t.deepEqual(world.sent().sort(), ['b:1>b', 'c:1>c'])
  let resumed = 0
  gate!.wait(() => {
    resumed += 1
  })
  world.want('b', 'topic://prices')
  t.is(resumed, 1)
  t.is(world.publish({ ...prices, body: '2' }), undefined)
})

test('a full broker that is out of reach holds no producer back', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'topic://prices 0')
  t.is(world.publish({ ...prices, body: '1' }), world.router.gate)
  world.partUp('hub-b')
  t.is(world.publish({ ...prices, body: '2' }), undefined)
  world.joinUp('hub-b')
  t.is(world.publish({ ...prices, body: '3' }), world.router.gate)
})

test('a message for a bridge the map still has waits until it is there again', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'topic://prices')
  world.unbridged.add('b')
  world.publish({ ...prices, body: '1' })
  t.deepEqual(world.sent(), [])
  t.is(world.parking.length, 1)
  world.unbridged.clear()
  world.router.sweep()
  t.deepEqual(world.sent(), ['b:1>b'])
  t.is(world.parking.length, 0)
})

test('a reply that finds its bridge full holds its producer back until there is room', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.room.set('b', 0)
  const gate = world.publish({ kind: 'temp-queue', to: 'b.1.7', body: 'reply' })
  t.is(gate, world.router.gate)
  let resumed = 0
  gate!.wait(() => {
    resumed += 1
  })
  world.giveRoom('b', 5)
  t.is(resumed, 1)
  t.deepEqual(world.sent(), ['b:reply>b'])
})

test('a change of queue demand does not make every topic be worked out anew', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'topic://prices')
  world.publish({ ...prices, body: '1' })
  let asked = 0
  const { brokersForTopic } = world.table
  world.table.brokersForTopic = (name) => {
    asked += 1
    return brokersForTopic.call(world.table, name)
  }
  world.want('b', 'topic://prices', 'queue://orders')
  world.publish({ ...prices, body: '2' })
  t.is(asked, 0)
  world.want('b', 'topic://prices', 'topic://other')
  world.publish({ ...prices, body: '3' })
  t.is(asked, 1)
})

test('a topic’s messages wait for a full bridge in order, before later ones', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'topic://prices')
  world.want('c', 'topic://prices')
  world.room.set('b', 1)
  t.is(world.publish({ ...prices, body: '1' }), undefined)
  const gate = world.publish({ ...prices, body: '2' })
  t.is(gate, world.router.gate)
  world.room.set('b', 5)
  world.publish({ ...prices, body: '3' })
  world.arrive({ ...prices, body: '4', path: ['c'], targets: ['b'] })
  t.deepEqual(
    world.sent().filter((copy) => copy.startsWith('b')),
    ['b:1>b']
  )
  let resumed = 0
  gate!.wait(() => {
    resumed += 1
  })
  world.giveRoom('b', 2)
  t.is(resumed, 1)
  t.deepEqual(world.sent(), ['b:2>b', 'b:3>b'])
  world.giveRoom('b', 2)
  t.deepEqual(world.sent(), ['b:4>b'])
  t.is(world.parking.length, 0)
})

test('an unreachable subscriber holds no producer back, and gets its messages later', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'topic://prices')
  world.partUp('b-c')
  t.is(world.publish({ ...prices, body: '1' }), undefined)
  t.is(world.publish({ ...prices, body: '2' }), undefined)
  world.joinUp('b-c')
  t.deepEqual(world.sent(), ['b:1>c', 'b:2>c'])
})

test('what a lost bridge returns takes the way back, though it has been there', (t) => {
  const world = new ForwardingWorld(['hub-a', 'hub-d', 'a-c', 'c-d'])
  world.want('d', 'topic://prices')
  const message = world.arrive({ ...prices, body: '1', path: ['a'], targets: ['d'] })
  t.deepEqual(world.sent(), ['d:1>d'])
  world.partUp('hub-d')
  world.router.reroute([{ message, targets: ['d'] }])
  const [copy] = world.copies
  t.is(copy?.nextHop, 'a')
  t.deepEqual(copy?.path, [])
  t.is(copy?.redirects, 1)
  t.is(world.parking.length, 0)
})

test('a returned message whose subscriber left meanwhile is counted, not sent', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'topic://prices')
  world.want('c')
  const message = world.aMessage({ ...prices, body: '1' })
  world.router.reroute([{ message, targets: ['b', 'c'] }])
  t.deepEqual(world.sent(), ['b:1>b'])
  t.is(world.broker.notDelivered.get('no-demand'), 1)
})

test('a message is kept for a target that has not said yet what it wants', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  const message = world.aMessage({ ...prices, body: '1' })
  world.router.reroute([{ message, targets: ['c'] }])
  world.router.retryParked()
  t.is(world.parking.length, 1)
  world.want('c', 'topic://prices')
  world.joinUp('hub-c')
  t.deepEqual(world.sent(), ['c:1>c'])
  t.is(world.broker.notDelivered.get('no-demand'), 0)
})

test('a target that says nothing in time is struck out', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.router.reroute([{ message: world.aMessage({ ...prices, body: '1' }), targets: ['c'] }])
  world.router.trustDemand()
  world.router.retryParked()
  t.is(world.parking.length, 0)
  t.is(world.broker.notDelivered.get('no-demand'), 1)
})

test('a durable subscription wants messages after its broker was forgotten', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  const durable = { kind: 'topic', pattern: 'prices', weight: 1, isDurable: true } as const
  world.table.applySnapshot({ broker: 'b', incarnation: 1, version: 1, entries: [durable] })
  world.partUp('hub-b')
  world.table.drop('b')
  world.publish({ ...prices, body: '1' })
  t.is(world.parking.length, 1)
  world.joinUp('hub-b')
  t.deepEqual(world.sent(), ['b:1>b'])
})

test('brokers with different maps hand a message to and fro a few times, then park it', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'topic://prices')
  const message = world.aForwarded({ ...prices, body: '1' })
  let rounds = 0
  while (world.parking.length === 0) {
    message.brokerPath = ['b']
    world.router.receive(message, ['c'])
    rounds += 1
    t.true(rounds < 20)
  }
  t.true(rounds > 2)
  t.is(world.sent().length, rounds - 1)
  t.deepEqual(world.broker.notDelivered.entries(), [])
})

test('a parked message starts a new journey when the map changes or after a while', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'topic://prices')
  const arrive = (): void => {
    const message = world.aForwarded({ ...prices, body: '1' })
    message.brokerPath = ['b']
    message.redirects = 10
    world.router.receive(message, ['c'])
  }
  arrive()
  t.is(world.parking.length, 1)
  world.joinUp('hub-d')
  t.is(world.copies[0]?.redirects, 11)
  t.deepEqual(world.copies[0]?.path, [])
  world.sent()
  arrive()
  t.is(world.parking.length, 1)
  world.run(5_000)
  world.router.sweep()
  t.deepEqual(world.sent(), ['b:1>c'])
})

test('a message that has started too many journeys is given up for that reason', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  world.want('c', 'topic://prices')
  const message = world.aForwarded({ ...prices, body: '1' })
  message.brokerPath = ['b']
  message.redirects = 16
  world.router.receive(message, ['c'])
  t.is(world.parking.length, 1)
  world.router.sweep()
  t.is(world.broker.notDelivered.get('redirect-limit'), 1)
  t.is(world.parking.length, 0)
  t.deepEqual(world.sent(), [])
})

test('a path as long as the hop limit begins anew, so that no limit needs tuning', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'], { hopsMax: 3 })
  world.arrive({ ...prices, body: '1', path: ['x', 'b'], targets: ['c'] })
  world.arrive({ ...prices, body: '2', path: ['w', 'x', 'b'], targets: ['c'] })
  t.deepEqual(
    world.copies.map(({ path, redirects }) => [path.length, redirects]),
    [
      [2, 0],
      [0, 1]
    ]
  )
})

test('of two copies of a topic message the later is dropped, whichever is flagged', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  const local = world.subscribe({}, { kind: 'topic', pattern: 'prices' })
  const original = world.arrive({ ...prices, body: '1' })
  original.isMaybeDuplicate = true
  world.router.receive(original, ['hub'])
  const early = world.aForwarded({ ...prices, body: '2' })
  early.isMaybeDuplicate = true
  world.router.receive(early, ['hub'])
  early.isMaybeDuplicate = false
  world.router.receive(early, ['hub'])
  t.deepEqual(local.bodies(), ['1', '2'])
  t.is(world.router.duplicates, 2)
})

test('a queue message seen before is dropped if flagged, and else delivered and marked', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  const local = world.subscribe()
  const message = world.aForwarded({ body: '1' })
  world.router.receive(message, ['hub'])
  world.router.receive(message, ['hub'])
  message.isMaybeDuplicate = true
  world.router.receive(message, ['hub'])
  t.deepEqual(
    local.deliveries.map(({ isRedelivered }) => isRedelivered),
    [false, true]
  )
  t.is(world.router.duplicates, 1)
})

test('a possible duplicate that left and came back is not taken for its own duplicate', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('c', 'queue://orders')
  const message = world.aForwarded({ body: '1' })
  message.isMaybeDuplicate = true
  message.brokerPath = ['b']
  world.router.receive(message, ['hub'])
  t.deepEqual(world.sent(), ['c:1>c'])
  world.want('c')
  message.brokerPath = ['c']
  world.router.receive(message, ['hub'])
  t.deepEqual(world.subscribe().bodies(), ['1'])
  t.is(world.router.duplicates, 0)
})

test('a reply goes to the broker its queue is at, and waits for it when it is cut off', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c'])
  const reply = { kind: 'temp-queue', to: 'c.1.7', body: 'reply' } as const
  t.is(world.publish(reply), undefined)
  t.deepEqual(world.sent(), ['b:reply>c'])
  world.partUp('b-c')
  t.is(world.publish(reply), undefined)
  world.joinUp('hub-c')
  t.deepEqual(world.sent(), ['c:reply>c'])
})

test('a message that expires on its way is discarded where it arrives', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  const local = world.subscribe()
  const message = world.aForwarded({ body: '1', expiresInMs: 10 })
  world.run(11)
  world.router.receive(message, ['hub'])
  t.deepEqual(local.bodies(), [])
  t.is(world.broker.notDelivered.get('expired'), 1)
})

test('a topic message goes to brokers one of whose selectors it passes', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-c', 'hub-d'])
  world.want('b', "topic://prices ? colour = 'red'")
  world.want('c', "topic://prices ? colour = 'blue'")
  world.want('d', 'topic://prices')
  const publish = (colour: string): void => {
    world.publish({ ...prices, body: colour, headers: `colour:${colour}\n` })
  }
  publish('red')
  t.deepEqual(world.sent(), ['b:red>b', 'd:red>d'])
  publish('blue')
  t.deepEqual(world.sent(), ['b:blue>c', 'd:blue>d'])
  publish('green')
  t.deepEqual(world.sent(), ['d:green>d'])
})
