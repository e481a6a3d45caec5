// Events of the timeline that happen to disks: each does what it says, and the judges stay quiet.

import test from 'ava'
import { chain, ring } from '../../sim/topologies.ts'
import { aConsumer, aProducer } from './small-world.ts'
import { onStage } from './timeline-world.ts'

const destination = '/queue/q'
/** Persistent messages that nobody takes. */
const backlog = {
  topology: chain(2),
  producers: [aProducer({ at: 'a', destination, isPersistent: true })],
  consumers: []
}

test('disk-full: what was sent is not confirmed, and the reason is told; disk-ok: it is', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    const stored = (): number => world.broker('a').storeBytes
    world.runFor(500)
    t.true(stored() > 1_000)
    happen({ kind: 'disk-full', broker: 'a' })
    world.runFor(20)
    const before = stored()
    world.runFor(2_000)
    t.is(stored(), before)
    const { lines } = world.broker('a').logger
    const errors = lines.filter(({ event }) => event === 'client-error')
    t.true(errors.some(({ fields }) => /disk is full/.test(JSON.stringify(fields))))
    t.false(world.isStable)
    happen({ kind: 'disk-ok', broker: 'a' })
    world.settle()
    t.true(world.isStable)
    world.runFor(1_000)
    t.true(stored() > before)
  })
})

test('disk-full: it stays full for lives to come', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    happen({ kind: 'disk-full', broker: 'a' })
    happen({ kind: 'kill', broker: 'a' })
    happen({ kind: 'start', broker: 'a' })
    const before = world.broker('a').storeBytes
    world.runFor(2_000)
    t.is(world.broker('a').storeBytes, before)
  })
})

test('kill: the disk survives it', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    world.runFor(500)
    const before = world.broker('a').storeBytes
    t.true(before > 1_000)
    happen({ kind: 'kill', broker: 'a' })
    t.is(world.broker('a').storeBytes, 0, 'nobody can ask a broker that is down')
    happen({ kind: 'start', broker: 'a' })
    t.true(world.broker('a').storeBytes >= before)
  })
})

test('disk-loss: the broker is down, and its disk is empty when it comes back', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    world.runFor(500)
    const idOf = () => world.broker('a').running.network.identity.brokerId
    const id = idOf()
    happen({ kind: 'disk-loss', broker: 'a' })
    t.false(world.broker('a').isUp)
    happen({ kind: 'start', broker: 'a' })
    t.is(world.broker('a').storeBytes, 0)
    t.not(idOf(), id)
    world.settle()
  })
})

test('disk-error: nothing is confirmed, and the reason is the disk', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    world.runFor(500)
    happen({ kind: 'disk-error', broker: 'a' })
    world.runFor(20)
    const before = world.broker('a').storeBytes
    world.runFor(2_000)
    t.is(world.broker('a').storeBytes, before)
    const { lines } = world.broker('a').logger
    t.true(lines.some(({ fields }) => /EIO/.test(JSON.stringify(fields))))
    happen({ kind: 'disk-ok', broker: 'a' })
    world.settle()
    world.runFor(1_000)
    t.true(world.broker('a').storeBytes > before)
  })
})

test('disk-slow: each commit takes so long, and no stable phase begins', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    world.runFor(500)
    happen({ kind: 'disk-slow', broker: 'a', ms: 500 })
    world.runFor(20)
    const before = world.broker('a').storeBytes
    world.runFor(400)
    t.is(world.broker('a').storeBytes, before)
    world.settle()
    t.false(world.isStable)
    world.runFor(1_500)
    t.true(world.broker('a').storeBytes > before)
    happen({ kind: 'disk-slow', broker: 'a', ms: 0 })
    world.settle()
    t.true(world.isStable)
  })
})

test('disk-copy and disk-restore: what was taken in between is gone, and that is said', (t) => {
  onStage(t, { ...backlog, topology: chain(2) }, ({ world, happen }) => {
    world.runFor(500)
    happen({ kind: 'disk-copy', broker: 'a' })
    const before = world.broker('a').storeBytes
    world.runFor(500)
    happen({ kind: 'kill', broker: 'a' })
    happen({ kind: 'start', broker: 'a' })
    world.runFor(500)
    t.true(world.broker('a').storeBytes > before)
    happen({ kind: 'disk-restore', broker: 'a' })
    t.false(world.broker('a').isUp)
    happen({ kind: 'start', broker: 'a' })
    t.is(world.broker('a').storeBytes, before)
    world.settle()
    const { lines } = world.broker('a').logger
    t.is(lines.filter(({ event }) => event === 'data-rolled-back').length, 1)
  })
})

test('disk-restore: without a copy nothing happens', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    happen({ kind: 'disk-restore', broker: 'a' })
    t.true(world.broker('a').isUp)
  })
})

for (const step of ['store-begun', 'store-committed', 'store-told', 'sent', 'received'] as const) {
  test(`kill-at: a broker dies when it has come to ${step} so many times`, (t) => {
    const across = {
      topology: chain(2),
      producers: [aProducer({ at: 'a', destination, isPersistent: true })],
      consumers: [aConsumer({ at: 'b', destination })]
    }
    onStage(t, across, ({ world, happen }) => {
      world.runFor(500)
      happen({ kind: 'kill-at', broker: 'b', step, times: 3 })
      t.true(world.broker('b').isUp)
      world.runFor(500)
      t.false(world.broker('b').isUp)
      happen({ kind: 'start', broker: 'b' })
      world.settle()
      world.runFor(500)
      t.true(world.broker('b').isUp, 'once')
    })
  })
}

test('kill-at: a start takes it back', (t) => {
  onStage(t, backlog, ({ world, happen }) => {
    happen({ kind: 'kill-at', broker: 'a', step: 'sent', times: 1_000 })
    happen({ kind: 'start', broker: 'a' })
    happen({ kind: 'kill-at', broker: 'b', step: 'sent', times: 1 })
    world.runFor(2_000)
    t.true(world.broker('a').isUp)
    t.false(world.broker('b').isUp)
    happen({ kind: 'start', broker: 'b' })
  })
})

test('clone: a second process of a broker is named, and the others go on', (t) => {
  const around = {
    topology: ring(4),
    producers: [aProducer({ at: 'a', destination, isPersistent: true })],
    consumers: [aConsumer({ at: 'c', destination })]
  }
  onStage(t, around, ({ world, happen, deliveries }) => {
    world.runFor(500)
    happen({ kind: 'clone', broker: 'd' })
    const clone = world.faults.clones.get('d')!
    world.runFor(10_000)
    const logs = [clone.logger, world.broker('d').logger].flatMap(({ lines }) => [...lines])
    const alarms = logs.filter(({ event }) => event === 'cloned-broker')
    t.true(alarms.length > 0 && alarms.length < 10, `${alarms.length}`)
    const before = deliveries()
    world.runFor(1_000)
    t.true(deliveries() > before + 20)
    happen({ kind: 'clone-end', broker: 'd' })
    t.is(world.faults.clones.get('d'), undefined)
    t.false(clone.isUp)
  })
})
