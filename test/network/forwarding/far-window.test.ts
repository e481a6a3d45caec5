// How many messages may be on their way to another broker, as its grants come, get lost, or count
// otherwise than this end does.

import test from 'ava'
import fc from 'fast-check'
import { FarWindow } from '../../../src/network/forwarding/far-window.ts'

function windowOf(weight: number): FarWindow {
  const window = new FarWindow()
  window.onWeight(weight)
  return window
}

function send(window: FarWindow, count: number): void {
  for (let i = 0; i < count; i += 1) window.take()
}

test('before the first grant the weight of the demand says how many may leave', (t) => {
  t.is(windowOf(1).room, 2)
  t.is(windowOf(7).room, 128)
  t.is(windowOf(7).capacity, 96)
  const window = windowOf(7)
  send(window, 128)
  window.onWeight(0)
  t.is(window.room, 0, 'that it is full says nothing of its consumers')
  window.onWeight(8)
  t.is(window.room, 128, 'more consumers take more at once')
  window.onWeight(3)
  t.is(window.room, 128, 'fewer ones take back nothing')
})

test('what is granted counts from what has arrived, the rest is still on its way', (t) => {
  const window = windowOf(4)
  send(window, 10)
  window.onGrant({ arrived: 10, room: 20, capacity: 7 })
  t.is(window.room, 20)
  t.is(window.capacity, 7)
  send(window, 8)
  window.onGrant({ arrived: 13, room: 20, capacity: 7 })
  t.is(window.room, 15)
  window.onGrant({ arrived: 13, room: 2, capacity: 7 })
  t.is(window.room, -3, 'less than what is on its way')
})

test('a broker that counts anew begins with what is on its way now', (t) => {
  const window = windowOf(4)
  window.onGrant({ arrived: 100, room: 20, capacity: 7 })
  send(window, 8)
  window.onGrant({ arrived: 1, room: 20, capacity: 7 })
  t.is(window.room, 13)
  window.onGrant({ arrived: 5, room: 20, capacity: 7 })
  t.is(window.room, 17)
  window.onGrant({ arrived: 50, room: 20, capacity: 7 })
  t.is(window.room, 20, 'more than was sent cannot be on its way')
})

test('what never arrives is not waited for beyond a sweep', (t) => {
  const window = windowOf(4)
  window.onGrant({ arrived: 0, room: 5, capacity: 7 })
  send(window, 5)
  window.onGrant({ arrived: 2, room: 3, capacity: 7 })
  t.is(window.room, 0)
  window.sweep()
  t.is(window.room, 3)
})

test('a broker that says nothing is sent a few again, after some sweeps', (t) => {
  const window = windowOf(3)
  window.onGrant({ arrived: 0, room: 0, capacity: 7 })
  window.sweep()
  window.sweep()
  t.is(window.room, 0)
  window.onGrant({ arrived: 0, room: 0, capacity: 7 })
  window.sweep()
  window.sweep()
  t.is(window.room, 0, 'it has said something meanwhile')
  window.sweep()
  t.is(window.room, 8)
})

test('by another way everything begins anew', (t) => {
  const window = windowOf(3)
  send(window, 8)
  t.is(window.room, 0)
  window.startOver()
  t.is(window.room, 8)
})

test('whatever is lost or counted twice, no more is on its way than was granted', (t) => {
  const step = fc.oneof(
    fc.constant('send' as const),
    fc.constant('sweep' as const),
    fc.record({ arrived: fc.nat({ max: 50 }), room: fc.nat({ max: 50 }), capacity: fc.nat() })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const window = windowOf(3)
      let granted = 8
      for (const what of steps) {
        if (what === 'send') {
          if (window.room > 0) window.take()
        } else if (what === 'sweep') {
          window.sweep()
          granted = Math.max(granted, 8)
        } else {
          window.onGrant(what)
          granted = what.room
        }
        t.true(window.room <= granted && window.capacity >= 1)
      }
    })
  )
})
