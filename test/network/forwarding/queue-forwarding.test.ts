// A queue's messages on their way to other brokers' consumers: who is chosen, what stays, and what
// happens when there is no room or no way.

import test from 'ava'
import { lanes } from '../../../src/network/bridge-protocol/index.ts'
import { redirectsMax } from '../../../src/network/forwarding/index.ts'
import { numbers } from '../../support/broker-world.ts'
import { ForwardingWorld } from './forwarding-world.ts'

test('a local consumer with credit comes before any other broker', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  const local = world.subscribe({ credit: 1 })
  world.publishAll(['1', '2'])
  t.deepEqual(local.bodies(), ['1'])
  t.deepEqual(world.sent(), ['b:2>b'])
})

test('the cheapest broker gets messages, equal ones in turn, others when it is full', (t) => {
  const world = new ForwardingWorld(['hub-b:1', 'hub-c:1', 'hub-d:9', 'd-e'])
  for (const broker of ['b', 'c', 'd', 'e']) world.want(broker, 'queue://orders')
  world.publishAll(numbers(4))
  t.deepEqual(world.sent(), ['b:1>b', 'c:2>c', 'b:3>b', 'c:4>c'])
  world.want('b', 'queue://orders 0')
  world.want('c', 'queue://orders 0')
  world.publishAll(['5', '6'])
  t.deepEqual(world.sent(), ['d:5>d', 'd:6>d'])
  world.want('d')
  world.publish({ body: '7' })
  t.deepEqual(world.sent(), ['d:7>e'])
})

test('a backlog is shared by brokers of equal cost that come at once', (t) => {
  const world = new ForwardingWorld([])
  world.want('b', 'queue://orders')
  world.want('c', 'queue://orders')
  world.publishAll(numbers(4))
  t.deepEqual(world.sent(), [])
  world.joinUp('hub-b', 'hub-c')
  t.deepEqual(world.sent(), ['b:1>b', 'c:2>c', 'b:3>b', 'c:4>c'])
})

test('of several brokers that come at once the cheapest gets the backlog', (t) => {
  const world = new ForwardingWorld([])
  for (const broker of ['b', 'c', 'd']) world.want(broker, 'queue://orders')
  world.publishAll(['1', '2'])
  world.joinUp('hub-b:3', 'hub-c:2', 'hub-d:1')
  t.deepEqual(world.sent(), ['d:1>d', 'd:2>d'])
})

test('a message goes to the cheapest broker that takes it, and waits while none does', (t) => {
  const world = new ForwardingWorld(['hub-b:1', 'hub-c:9'])
  world.want('b', "queue://orders ? colour = 'red'")
  world.want('c', "queue://orders ? colour <> 'green'")
  for (const colour of ['red', 'blue', 'green', 'red', 'yellow']) {
    world.publish({ body: colour, headers: `colour:${colour}\n` })
  }
  t.deepEqual(world.sent(), ['b:red>b', 'c:blue>c', 'b:red>b', 'c:yellow>c'])
  world.want('b', "queue://orders ? colour = 'green'")
  t.deepEqual(world.sent(), ['b:green>b'])
})

test('what a far consumer takes reaches it from behind all that it leaves out', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'], { limits: { queueWindowMessages: 2 } })
  const publish = (colour: string, body: string): void => {
    world.publish({ body, headers: `colour:${colour}\n`, isPersistent: true })
  }
  for (let number = 1; number <= 600; number += 1) publish('blue', `blue ${number}`)
  publish('red', 'first')
  publish('green', 'other')
  world.run(100)
  world.want('b', "queue://orders ? colour = 'red'")
  world.run(100)
  t.deepEqual(world.sent(), ['b:first>b'])
  publish('red', 'second')
  world.run(100)
  t.deepEqual(world.sent(), ['b:second>b'])
  world.room.set('b', 0)
  publish('red', 'third')
  publish('red', 'fourth')
  world.run(100)
  t.deepEqual(world.sent(), [])
  world.room.delete('b')
  world.router.onRoom('b', lanes.persistent)
  world.proxies.onRoom('b', lanes.persistent)
  world.run(100)
  t.deepEqual(world.sent(), ['b:third>b', 'b:fourth>b'])
  world.want('c', "queue://orders ? colour = 'green'")
  world.run(100)
  t.deepEqual(world.sent(), ['c:other>c'])
})

test('a broker whose consumers have enough gets nothing, named or by wildcard', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'queue://orders.* 9', 'queue://orders.eu 0')
  world.want('c', 'queue://orders.us 0')
  world.publish({ to: 'orders.eu', body: 'eu' })
  world.publish({ to: 'orders.us', body: 'us' })
  world.publish({ to: 'orders.asia', body: 'asia' })
  t.deepEqual(world.sent(), ['b:us>b', 'b:asia>b'])
  world.want('b', 'queue://orders.* 9')
  t.deepEqual(world.sent(), ['b:eu>b'])
})

test('messages for a broker without demand, a path or a queue stay here', (t) => {
  const world = new ForwardingWorld(['hub-b', 'c-d'])
  world.want('b', 'queue://other')
  world.want('d', 'queue://orders')
  world.publishAll(['1'])
  t.deepEqual(world.sent(), [])
  t.is(world.broker.queues.find('orders')!.ready.length, 1)
  t.is(world.broker.queues.find('orders')!.consumers.remote.length, 0)
  world.joinUp('b-c')
  t.deepEqual(world.sent(), ['b:1>d'])
})

test('a forwarded message stays while a consumer here wants it, and follows when it left', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('c', 'queue://orders')
  const local = world.subscribe({ credit: 0 })
  world.arrive({ body: '1' })
  world.arrive({ body: '2' })
  t.deepEqual(world.sent(), [])
  local.die()
  t.deepEqual(world.sent(), ['c:1>c', 'c:2>c'])
})

test('a forwarded message may go back to where it came from, as a new journey', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.arrive({ body: '1', path: ['a', 'b'] })
  const [copy] = world.copies
  t.is(copy?.nextHop, 'b')
  t.deepEqual(copy?.path, [])
  t.is(copy?.redirects, 1)
})

test('a message that goes on to a new broker keeps its path, and is no new journey', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('c', 'queue://orders')
  world.arrive({ body: '1', path: ['a', 'b'] })
  const [copy] = world.copies
  t.is(copy?.nextHop, 'c')
  t.deepEqual(copy?.path, ['a', 'b'])
  t.is(copy?.redirects, 0)
})

test('a message sent round too often stays for a consumer that comes here', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  const message = world.aForwarded({ body: '1' })
  message.brokerPath = ['b']
  message.redirects = redirectsMax
  world.router.receive(message, ['hub'])
  world.publish({ body: '2' })
  t.deepEqual(world.sent(), ['b:2>b'])
  t.deepEqual(world.subscribe().bodies(), ['1'])
})

test('all that was sent round too often goes once more with a sweep, also from the store', (t) => {
  const world = new ForwardingWorld(['hub-b'], { limits: { queueWindowMessages: 2 } })
  world.want('b', 'queue://orders')
  for (let number = 1; number <= 10; number += 1) {
    const message = world.aForwarded({ body: `${number}`, isPersistent: true })
    message.brokerPath = ['b']
    message.redirects = redirectsMax
    world.router.receive(message, ['hub'])
  }
  world.run(100)
  t.deepEqual(world.sent(), [])
  world.proxies.sweep()
  world.run(100)
  t.true(world.copies.every(({ redirects }) => redirects === redirectsMax))
  t.is(world.sent().length, 10)
  world.proxies.sweep()
  t.deepEqual(world.sent(), [])
})

test('a full bridge gives the message back to its place, and the rest waits behind it', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.room.set('b', 2)
  world.publishAll(numbers(5))
  world.endTurn()
  t.deepEqual(world.sent(), ['b:1>b', 'b:2>b'])
  world.publishAll(['6'])
  world.giveRoom('b', 3)
  t.deepEqual(world.sent(), ['b:3>b', 'b:4>b', 'b:5>b'])
  world.endTurn()
  world.giveRoom('b', 9)
  t.deepEqual(world.sent(), ['b:6>b'])
})

test('what one bridge has no room for is offered to the next before anything newer', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c:2'])
  world.publishAll(numbers(4))
  world.room.set('b', 2)
  world.want('b', 'queue://orders')
  world.want('c', 'queue://orders')
  world.publishAll(['5', '6'])
  t.deepEqual(world.sent(), ['b:1>b', 'b:2>b', 'c:3>c', 'c:4>c', 'c:5>c', 'c:6>c'])
})

test('room that comes within the turn does not let later messages overtake', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.room.set('b', 1)
  world.publishAll(numbers(4))
  world.giveRoom('b', 9)
  t.deepEqual(world.sent(), ['b:1>b', 'b:2>b', 'b:3>b', 'b:4>b'])
})

test('a message that waits for room uses up none of its redirections', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('c', 'queue://orders')
  world.room.set('c', 0)
  world.arrive({ body: '1', path: ['b'] })
  for (let i = 0; i < 40; i += 1) {
    world.endTurn()
    world.giveRoom('c', 0)
  }
  world.endTurn()
  world.giveRoom('c', 1)
  t.is(world.copies[0]?.redirects, 0)
  t.deepEqual(world.sent(), ['c:1>c'])
})

test('queues take turns at a bridge that is full again and again', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://>')
  world.room.set('b', 0)
  for (const body of numbers(6)) world.publish({ to: 'busy', body: `busy${body}` })
  world.publish({ to: 'quiet', body: 'quiet1' })
  world.publish({ to: 'calm', body: 'calm1' })
  for (let i = 0; i < 3; i += 1) {
    world.endTurn()
    world.giveRoom('b', 2)
  }
  t.deepEqual(
    world.sent().sort(),
    ['b:busy1>b', 'b:busy2>b', 'b:busy3>b', 'b:calm1>b', 'b:quiet1>b', 'b:busy4>b'].sort()
  )
})

test('a change of demand while the bridge is full bothers neither queue nor bridge', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.room.set('b', 0)
  world.publishAll(['1', '2'])
  world.endTurn()
  const queue = world.broker.queues.find('orders')!
  const dispatchedBefore = queue.dispatched
  for (let weight = 1; weight < 10; weight += 1) world.want('b', `queue://orders ${weight}`)
  t.is(queue.dispatched, dispatchedBefore)
  world.giveRoom('b', 9)
  t.deepEqual(world.sent(), ['b:1>b', 'b:2>b'])
})

test('a proxy that was full at the far end while room came is served when it eases', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.room.set('b', 0)
  world.publishAll(['1'])
  world.endTurn()
  world.want('b', 'queue://orders 0')
  world.giveRoom('b', 9)
  t.deepEqual(world.sent(), [])
  world.want('b', 'queue://orders 3')
  t.deepEqual(world.sent(), ['b:1>b'])
})

test('a bridge that is full holds back nothing for other neighbours', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'queue://to.b')
  world.want('c', 'queue://to.c')
  world.room.set('b', 0)
  world.publish({ to: 'to.b', body: '1' })
  world.publish({ to: 'to.c', body: '2' })
  t.deepEqual(world.sent(), ['c:2>c'])
})

test('when the bridge is gone its messages go by another way, before what was behind', (t) => {
  const world = new ForwardingWorld(['hub-b', 'b-d', 'hub-c:5', 'c-d:5'])
  world.want('d', 'queue://orders')
  world.room.set('b', 3)
  world.publishAll(numbers(5))
  world.endTurn()
  const returned = world.copies.map(({ message, targets }) => ({ message, targets }))
  t.deepEqual(world.sent(), ['b:1>d', 'b:2>d', 'b:3>d'])
  world.router.reroute(returned)
  world.partUp('hub-b')
  t.deepEqual(world.sent(), ['c:1>d', 'c:2>d', 'c:3>d', 'c:4>d', 'c:5>d'])
})

test('without another way they wait here in order, for a consumer here or a new way', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.publishAll(numbers(4))
  const returned = world.copies.map(({ message, targets }) => ({ message, targets }))
  world.sent()
  world.router.reroute(returned)
  world.partUp('hub-b')
  world.publish({ body: '5' })
  const local = world.subscribe({ credit: 2 })
  t.deepEqual(local.bodies(), ['1', '2'])
  world.joinUp('hub-b')
  t.deepEqual(world.sent(), ['b:3>b', 'b:4>b', 'b:5>b'])
})

test('in transit, messages that find the bridge full keep their order with later ones', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('c', 'queue://orders')
  world.room.set('c', 1)
  for (const body of ['1', '2', '3']) world.arrive({ body, targets: ['c'] })
  world.endTurn()
  for (const body of ['4', '5']) world.arrive({ body, targets: ['c'] })
  world.endTurn()
  world.giveRoom('c', 2)
  world.endTurn()
  world.arrive({ body: '6', targets: ['c'] })
  world.giveRoom('c', 9)
  world.endTurn()
  world.arrive({ body: '7', targets: ['c'] })
  t.deepEqual(
    world.sent(),
    numbers(7).map((body) => `c:${body}>c`)
  )
})

test('in transit, a message whose target is cut off finds another consumer', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c', 'hub-d'])
  world.want('c', 'queue://orders')
  world.want('d', 'queue://orders 0')
  world.partUp('hub-c')
  world.arrive({ body: '1', targets: ['c'] })
  t.deepEqual(world.sent(), [])
  world.want('d', 'queue://orders')
  t.deepEqual(world.sent(), ['d:1>d'])
})

test('a queue that goes away takes its proxies with it, and nothing waits for room', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders')
  world.room.set('b', 0)
  world.publish({ body: '1', expiresInMs: 1_000 })
  world.endTurn()
  for (let i = 0; i < 14; i += 1) {
    world.run(5_000)
    world.broker.sweep()
  }
  t.is(world.broker.queues.find('orders'), undefined)
  world.giveRoom('b', 9)
  t.deepEqual(world.sent(), [])
  world.publish({ body: '2' })
  t.deepEqual(world.sent(), ['b:2>b'])
})

test('where no queue is left, what comes is refused, and what comes back a dead letter', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  const limits = world.broker.limits as { destinationsMax: number }
  limits.destinationsMax = 1
  world.subscribe({}, { pattern: 'orders.*' })
  world.publish({ to: 'orders.a', body: 'a' })
  const refused = world.aForwarded({ to: 'orders.b', body: 'b' })
  const refusal = world.router.receive(refused, ['hub'])
  t.is(refusal?.code, 'no-room')
  t.regex(refusal!.text, /destinationsMax/)
  world.router.reroute([{ message: world.aMessage({ to: 'orders.c', body: 'c' }), targets: ['b'] }])
  world.router.restoreNow()
  const letters = world.subscribe({}, { pattern: 'DLQ' })
  t.deepEqual(letters.bodies(), ['c'])
  t.regex(letters.deliveries[0]!.message.header('dead-letter-text')!, /destinationsMax/)
})

test('ten thousand queues follow a change of the map in a moment', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c', 'b-d', 'c-d'])
  for (const broker of ['b', 'c', 'd']) world.want(broker, 'queue://q.>')
  for (let i = 0; i < 10_000; i += 1) world.publish({ to: `q.${i}`, body: '' })
  world.sent()
  world.partUp('hub-b')
  for (let i = 0; i < 10_000; i += 1) world.publish({ to: `q.${i}`, body: '' })
  t.true(world.copies.every(({ nextHop }) => nextHop === 'c'))
  t.is(world.copies.length, 10_000)
})

test('brokers that are equally near share by what their consumers take at once', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'queue://orders 7')
  world.want('c', 'queue://orders 4')
  world.publishAll(['1', '2'])
  t.deepEqual(world.sent(), ['b:1>b', 'c:2>c'])
  world.grant('b', 1, 1_000, 100)
  world.grant('c', 1, 1_000, 10)
  world.publishAll(numbers(1_100))
  const toB = world.sent().filter((copy) => copy.startsWith('b')).length
  t.true(toB >= 999 && toB <= 1_001, `${toB}`)
})

test('what is granted is sent and no more, and the next broker gets the rest', (t) => {
  const world = new ForwardingWorld(['hub-b:1', 'hub-c:5'])
  world.want('b', 'queue://orders 2')
  world.want('c', 'queue://orders 1')
  world.publishAll(numbers(7))
  t.deepEqual(world.sent(), ['b:1>b', 'b:2>b', 'b:3>b', 'b:4>b', 'c:5>c', 'c:6>c'])
  t.deepEqual(
    [...world.proxies.takeShort()],
    [
      ['b', [{ queue: 'orders', limit: 4 }]],
      ['c', [{ queue: 'orders', limit: 2 }]]
    ]
  )
  t.is(world.proxies.takeShort().size, 0, 'they are asked once')
  world.grant('c', 2, 1)
  t.deepEqual(world.sent(), ['c:7>c'])
  world.grant('b', 3, 3)
  world.publishAll(['8', '9', '10'])
  t.deepEqual(world.sent(), ['b:8>b', 'b:9>b'], 'one of the first is still on its way')
  world.grant('b', 6, 1)
  t.deepEqual(world.sent(), ['b:10>b'])
})

test('a grant opens no proxy whose broker is full, or whose bridge is', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.want('b', 'queue://orders 1')
  world.room.set('b', 2)
  world.publishAll(numbers(4))
  t.deepEqual(world.sent(), ['b:1>b', 'b:2>b'])
  world.grant('b', 2, 10)
  t.deepEqual(world.sent(), [])
  world.grant('b', 2, 10)
  world.want('b', 'queue://orders 0')
  world.giveRoom('b', 10)
  t.deepEqual(world.sent(), [])
  world.want('b', 'queue://orders 1')
  t.deepEqual(world.sent(), ['b:3>b', 'b:4>b'])
})

test('a grant for a queue or of a broker that is not there is dropped', (t) => {
  const world = new ForwardingWorld(['hub-b'])
  world.grant('b', 0, 10)
  world.want('b', 'queue://orders 1')
  world.publish({ body: '1' })
  world.grant('c', 0, 10)
  t.deepEqual(world.sent(), ['b:1>b'])
})

test('a message on its way that waited here counts for the broker that chose its target', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c', 'a-hub'])
  world.want('c', 'queue://orders 1')
  world.room.set('c', 0)
  world.arrive({ body: 'passing', targets: ['c'], path: ['a'] }).chosenAt = 0
  world.publish({ body: 'own' })
  world.giveRoom('c', 10)
  t.deepEqual(world.sent(), ['c:passing>c', 'c:own>c'])
  world.publishAll(['2', '3'])
  t.deepEqual(world.sent(), ['c:2>c'], 'two of its own are all that c takes')
})

test('what comes for consumers here is counted for the broker that chose them', (t) => {
  const world = new ForwardingWorld(['hub-b', 'a-b'])
  const local = world.subscribe({ credit: 0 })
  world.want('b', 'queue://orders')
  const message = world.aForwarded({ body: '1' })
  message.brokerPath = ['a', 'b']
  message.chosenAt = 1
  world.router.receive(message, ['hub'])
  t.deepEqual(world.arrivals, ['b'])
  t.is(message.chosenAt, -1)
  local.die()
  t.deepEqual(
    world.copies.map(({ message: { chosenAt, brokerPath } }) => [chosenAt, brokerPath.length]),
    [[0, 0]],
    'it goes back by a new journey, chosen here'
  )
})

test('a broker that takes nothing for long keeps nothing from going back', (t) => {
  const world = new ForwardingWorld(['hub-b', 'hub-c'])
  world.want('b', 'queue://orders')
  world.want('c', 'queue://orders 1')
  const local = world.subscribe({ credit: 0 })
  for (const body of ['1', '2', '3']) world.arrive({ body, path: ['b'] })
  local.die()
  t.deepEqual(world.sent(), ['c:1>c', 'c:2>c'])
  world.proxies.sweep()
  t.deepEqual(world.sent(), [])
  world.grant('c', 2, 0)
  world.proxies.sweep()
  t.deepEqual(world.sent(), ['b:3>b'])
})
