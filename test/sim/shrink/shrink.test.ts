// Failing plans are made small: what is left is what it takes.

import test from 'ava'
import fc from 'fast-check'
import type { ScenarioPlan } from '../../../sim/plan/index.ts'
import { drawPlan, runPlan } from '../../../sim/run-scenario.ts'
import { randomFaults } from '../../../sim/scenarios/index.ts'
import { deltaDebug } from '../../../sim/shrink/delta-debug.ts'
import { checkerOf, shrink } from '../../../sim/shrink/shrink.ts'
import { tellStory } from '../../../sim/shrink/story.ts'
import { without, withoutBroker, withoutLink } from '../../../sim/shrink/without.ts'
import { ring } from '../../../sim/topologies.ts'
import type { Station } from '../../../src/station/index.ts'

test('delta debugging leaves exactly the items that it takes', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(99), { maxLength: 40 }),
      fc.infiniteStream(fc.boolean()),
      (items, keep) => {
        const needed = items.filter(() => keep.next().value)
        const fails = (fewer: readonly number[]): boolean =>
          needed.every((item) => fewer.includes(item))
        t.deepEqual([...deltaDebug(items, fails)], needed)
      }
    )
  )
})

test('delta debugging leaves a list alone of which nothing can go', (t) => {
  t.deepEqual(
    deltaDebug([1, 2, 3], () => false),
    [1, 2, 3]
  )
  t.deepEqual(
    deltaDebug([1, 2, 3], () => true),
    []
  )
})

const drawn = drawPlan(randomFaults('random', ring(5)), 11)

function assertWhole(t: { true(is: boolean, why: string): unknown }, plan: ScenarioPlan): void {
  const { brokers, links } = plan.topology
  t.true(plan.qualities.length === links.length, 'each link has its quality')
  const clients = [...plan.consumers, ...plan.producers]
  for (const { at } of clients) t.true(brokers.includes(at), `${at} is there`)
  for (const { event } of plan.timeline) {
    const facts = event as Readonly<Record<string, unknown>>
    for (const key of ['broker', 'a', 'b', 'from', 'to']) {
      const name = facts[key]
      t.true(typeof name !== 'string' || brokers.includes(name), `${event.kind} ${name}`)
    }
    const isKnown = facts.client === undefined || clients.some(({ name }) => name === facts.client)
    t.true(isKnown, `${event.kind} of ${facts.client}`)
  }
}

test('a plan without a client, a broker or a link still hangs together', (t) => {
  for (const { name } of [...drawn.consumers, ...drawn.producers]) {
    const plan = without(drawn, name)
    assertWhole(t, plan)
    t.is(
      plan.consumers.length + plan.producers.length,
      drawn.consumers.length + drawn.producers.length - 1
    )
  }
  for (const name of drawn.topology.brokers) {
    const plan = withoutBroker(drawn, name)!
    assertWhole(t, plan)
    t.is(plan.topology.brokers.length, 4)
    const { brokers, links } = plan.topology
    const inner = brokers.find((at) => links.filter(({ a, b }) => a === at || b === at).length > 1)
    t.is(withoutBroker(plan, inner!), undefined, 'the row would fall in two')
  }
  for (const link of drawn.topology.links) {
    const plan = withoutLink(drawn, link)!
    assertWhole(t, plan)
    t.is(withoutLink(plan, plan.topology.links[0]!), undefined, 'the row would fall in two')
  }
})

test('what is left out gives its time to what follows', (t) => {
  const { timeline } = drawn
  const total = (plan: ScenarioPlan): number =>
    plan.timeline.reduce((sum, { afterMs }) => sum + afterMs, 0)
  t.is(timeline.at(-1)!.event.kind, 'settle', 'the last step has no subject, so it stays')
  for (const { name } of drawn.consumers) t.is(total(without(drawn, name)), total(drawn))
})

/** A broker that loses every tenth message it is sent by others. */
function losesMessages(station: Station, name: string): void {
  if (name !== 'b') return
  const { router } = station.network
  const receive = router.receive.bind(router)
  let count = 0
  router.receive = (message, targets) => {
    count += 1
    if (count % 10 !== 0) receive(message, targets)
  }
}

function runSpoilt(plan: ScenarioPlan, seed: string): readonly string[] {
  return runPlan({ plan, seed, sabotage: losesMessages }).complaints
}

test('a fault of one broker is shown by two brokers, one producer and one consumer', (t) => {
  let seed = 0
  let plan = drawn
  let complaints: readonly string[] = []
  // Not every seed sends ten messages by way of that broker.
  while (complaints.length === 0 && seed < 20) {
    seed += 1
    plan = drawPlan(randomFaults('random', ring(5)), seed)
    complaints = runSpoilt(plan, String(seed))
  }
  t.not(checkerOf(complaints), '')
  const told: number[] = []
  const found = shrink(
    { plan, seed: String(seed), complaints },
    { run: runSpoilt, triesMax: 400, onSmaller: (_, tries) => told.push(tries) }
  )
  t.is(checkerOf(found.complaints), checkerOf(complaints))
  t.is(found.plan.topology.brokers.length, 2)
  t.is(found.plan.producers.length, 1)
  t.is(found.plan.consumers.length, 1)
  t.true(found.plan.timeline.length <= 1)
  t.true(found.tries <= 400)
  t.true(told.length > 5)
  const kept = JSON.parse(JSON.stringify(found.plan)) as ScenarioPlan
  t.deepEqual(runSpoilt(kept, found.seed), found.complaints, 'as it is read from a file')
  const story = tellStory(found)
  t.regex(story, /^2 brokers: /)
  t.regex(story, /sends to \//)
  t.regex(story, /takes from \//)
  t.true(story.includes(found.complaints[0]!))
})

test('it stops when told to, with what it has', (t) => {
  const failure = { plan: drawn, seed: '1', complaints: ['no-loop: of course'] }
  const found = shrink(failure, { run: () => ['no-loop: still'], triesMax: 3 })
  t.is(found.tries, 3)
  t.is(found.complaints[0], 'no-loop: still')
  let left = 5
  const isOver = (): boolean => left-- <= 0
  t.true(shrink(failure, { run: () => ['no-loop: still'], isOver }).tries <= 5)
})

test('another complaint is another failure', (t) => {
  const failure = { plan: drawn, seed: '1', complaints: ['no-loop: of course'] }
  const found = shrink(failure, { run: () => ['no-stuck: something else'], triesMax: 30 })
  t.is(found.plan, drawn)
  t.deepEqual(found.complaints, failure.complaints)
})
