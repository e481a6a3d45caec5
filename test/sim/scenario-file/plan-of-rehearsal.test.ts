import { readFileSync } from 'node:fs'
import test from 'ava'
import { runPlan } from '../../../sim/run-scenario.ts'
import { defaultWorkload } from '../../../sim/scenario-file/default-workload.ts'
import { planOfRehearsal } from '../../../sim/scenario-file/plan-of-rehearsal.ts'
import { readRehearsal } from '../../../sim/scenario-file/read-scenario.ts'
import type { Rehearsal } from '../../../sim/scenario-file/rehearsal.ts'
import { scenarioJsonSchema } from '../../../sim/scenario-file/scenario-schema.ts'
import { chain, hubSpoke, mesh, ring, twoHubs } from '../../../sim/topologies.ts'

function read(text: string): Rehearsal {
  const { rehearsal, problems } = readRehearsal(text, 'x.yaml', () => ({ message: 'no files' }))
  if (rehearsal === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return rehearsal
}

test('a plan lasts as long as the duration says, and longer without one if faults do', (t) => {
  const span = (text: string): number => {
    const { timeline, thenMs } = planOfRehearsal(
      read(`scenario: x\ntopology: { ring: 3 }\n${text}`)
    )
    return timeline.reduce((sum, { afterMs }) => sum + afterMs, thenMs)
  }
  t.is(span('duration: 45s\nfaults: [{ kill: a@10s..40s }]'), 45_000)
  t.is(span(''), 30_000)
  t.is(span('faults: [{ kill: a@10s..40s }]'), 60_000)
})

test('qualities stand in the order of the links, those of a pair over the default', (t) => {
  const { topology, qualities } = planOfRehearsal(
    read(
      'scenario: x\ntopology: { ring: 3 }\n' +
        'links: { default: { latency: 5ms, jitter: 1ms }, c:b: { latency: 40ms } }'
    )
  )
  t.deepEqual(
    topology.links.map(({ a, b }) => a + b),
    ['ab', 'bc', 'ca']
  )
  t.deepEqual(
    qualities.map(({ latencyMs, jitterMs }) => [latencyMs, jitterMs]),
    [
      [5, 1],
      [40, 1],
      [5, 1]
    ]
  )
})

test('who is added or arrives is not there before', (t) => {
  const plan = planOfRehearsal(
    read(`scenario: x
topology: { ring: 3 }
producers:
  - { name: p, at: a, to: /queue/q, rate: 1/s }
  - { name: q, at: a, to: /queue/q, rate: 1/s }
consumers:
  - { name: c, at: a, from: /queue/q }
  - { name: d, at: a, from: /queue/q }
faults:
  - add: b@5s
  - arrive: c@5s
  - leave: d@1s
  - arrive: d@5s
  - arrive: q@5s
`)
  )
  t.deepEqual(plan.overrides, { b: { isLate: true } })
  t.deepEqual(
    plan.consumers.map(({ isLate }) => isLate),
    [true, undefined]
  )
  t.deepEqual(
    plan.producers.map(({ isLate }) => isLate),
    [undefined, true]
  )
})

test('a plan survives JSON', (t) => {
  const plan = planOfRehearsal(
    read('scenario: x\ntopology: { ring: 3 }\nfaults: [{ throttle: "a:b@1s..2s=64kbit/s" }]')
  )
  t.deepEqual(JSON.parse(JSON.stringify(plan)), plan)
})

const networks = [ring(4), chain(3), mesh(4), hubSpoke(4), twoHubs(4), ring(30), chain(2)]

for (const topology of networks) {
  test(`the usual workload of ${topology.name} sends 100 messages/s over every link`, (t) => {
    const { producers, consumers, about } = defaultWorkload(topology, 100)
    const rate = producers.reduce((sum, { everyMs }) => sum + 1_000 / everyMs, 0)
    t.true(Math.abs(rate - 100) < 0.001, String(rate))
    t.regex(about, /100 messages\/s of 1 KiB/)
    t.deepEqual(defaultWorkload(topology, 100), { producers, consumers, about })
    for (const { destination } of producers) {
      t.true(consumers.some((consumer) => consumer.destination === destination))
    }
    // A queue between the two ends of a link goes over that link if nothing cheaper leads round it.
    for (const { a, b } of topology.links) {
      const isUsed = producers.some(({ at, destination }) => {
        const to = consumers.find((consumer) => consumer.destination === destination)!.at
        return (
          destination.startsWith('/queue/') && [`${a} ${b}`, `${b} ${a}`].includes(`${at} ${to}`)
        )
      })
      t.true(isUsed, `${a}-${b}`)
    }
  })
}

test('a scenario that is read can be run, and all of its messages arrive', (t) => {
  const plan = planOfRehearsal(
    read('scenario: x\ntopology: { ring: 3 }\nduration: 3s\nfaults: [{ cut: "a:b@1s..2s" }]')
  )
  const { complaints, messages, deliveries } = runPlan({ plan, seed: 1 })
  t.deepEqual([...complaints], [])
  t.true(messages > 200 && deliveries >= messages, `${messages} ${deliveries}`)
})

test('the JSON Schema beside the scenarios is current', (t) => {
  const file = new URL('../../../../sim/scenarios/scenario.schema.json', import.meta.url)
  t.deepEqual(
    JSON.parse(readFileSync(file, 'utf8')),
    JSON.parse(JSON.stringify(scenarioJsonSchema()))
  )
})
