// Events of the timeline that happen to disks: each does what it says, and the judges stay quiet.

import test from 'ava'
import { chain } from '../../sim/topologies.ts'
import { aProducer } from './small-world.ts'
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
