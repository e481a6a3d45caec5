import test from 'ava'
import fc from 'fast-check'
import { type Edge, layOut, type Place } from '../../../sim/page/charts/layout.ts'

const ring: readonly Edge[] = Array.from({ length: 8 }, (_, at) => [at, (at + 1) % 8])

const network = fc
  .integer({ min: 1, max: 30 })
  .chain((count) =>
    fc.tuple(
      fc.constant(count),
      fc.array(fc.tuple(fc.nat({ max: count - 1 }), fc.nat({ max: count - 1 })), { maxLength: 60 })
    )
  )

function apart(a: Place, b: Place): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

test('every broker of any network has a place of its own on the paper', (t) => {
  fc.assert(
    fc.property(network, ([count, edges]) => {
      const places = layOut(count, edges)
      t.is(places.length, count)
      for (const [at, place] of places.entries()) {
        t.true(place.x >= 0 && place.x <= 1 && place.y >= 0 && place.y <= 1)
        for (const other of places.slice(at + 1)) t.true(apart(place, other) > 1e-4)
      }
    })
  )
})

test('the same network is always laid out in the same way', (t) => {
  t.deepEqual(layOut(8, ring), layOut(8, ring))
})

test('a hub stands in the middle of its spokes', (t) => {
  const places = layOut(
    9,
    Array.from({ length: 8 }, (_, at): Edge => [8, at])
  )
  const hub = places[8]!
  t.true(apart(hub, { x: 0.5, y: 0.5 }) < 0.1)
  for (const spoke of places.slice(0, 8)) t.true(apart(hub, spoke) > 0.3)
})

test('neighbours in a ring stand nearer than those across it', (t) => {
  const places = layOut(8, ring)
  for (const [at, place] of places.entries()) {
    const next = apart(place, places[(at + 1) % 8]!)
    t.true(next < apart(place, places[(at + 4) % 8]!) / 1.5)
  }
})
