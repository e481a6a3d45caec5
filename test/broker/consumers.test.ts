// Who gets the next message: competing consumers in turn, within their credit, as they come and go.

import test from 'ava'
import { BrokerWorld, numbers } from '../support/broker-world.ts'

test('one consumer gets messages in the order they were published', (t) => {
  const world = new BrokerWorld()
  world.publishAll(['1', '2'])
  const consumer = world.subscribe()
  world.publishAll(['3', '4'])
  t.deepEqual(consumer.bodies(), ['1', '2', '3', '4'])
})

test('competing consumers take turns', (t) => {
  const world = new BrokerWorld()
  const [a, b, c] = [world.subscribe(), world.subscribe(), world.subscribe()]
  world.publishAll(numbers(7))
  t.deepEqual(a.bodies(), ['1', '4', '7'])
  t.deepEqual(b.bodies(), ['2', '5'])
  t.deepEqual(c.bodies(), ['3', '6'])
})

test('the turn goes on with those who are left when others leave', (t) => {
  for (let count = 2; count <= 5; count += 1) {
    for (let published = 0; published <= count; published += 1) {
      for (let first = 0; first < count; first += 1) {
        const world = new BrokerWorld()
        const consumers = numbers(count).map(() => world.subscribe({ settles: true }))
        world.publishAll(numbers(published))
        const [stays] = consumers.splice(first, 1)
        for (const consumer of consumers) consumer.die()
        stays!.taken()
        world.publish({ body: 'after' })
        t.deepEqual(stays!.bodies(), ['after'], `${count} ${published} ${first}`)
      }
    }
  }
})

test('the consumer that was next is next when the one before it leaves', (t) => {
  const world = new BrokerWorld()
  const [a, b, c] = [world.subscribe(), world.subscribe(), world.subscribe()]
  world.publishAll(['1'])
  a.ack()
  a.die()
  world.publishAll(['2', '3', '4'])
  t.deepEqual(b.bodies(), ['2', '4'])
  t.deepEqual(c.bodies(), ['3'])
})
