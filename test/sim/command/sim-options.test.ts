import test from 'ava'
import { comparedRehearsals } from '../../../sim/command/compared-rehearsals.ts'
import { findMisfits } from '../../../sim/command/find-misfits.ts'
import { replayLine } from '../../../sim/command/replay-line.ts'
import { applyOptions, applyRate, type SimOptions } from '../../../sim/command/sim-options.ts'
import {
  type Fault,
  isMistake,
  planOfRehearsal,
  type Rehearsal,
  readFault,
  readRehearsal
} from '../../../sim/scenario-file/index.ts'

function read(text: string): Rehearsal {
  const { rehearsal, problems } = readRehearsal(text, 'x.yaml', () => ({ message: 'no files' }))
  if (rehearsal === undefined) throw new Error(problems.map(({ message }) => message).join('\n'))
  return rehearsal
}

const kill = readFault('kill', 'a@1s..2s') as Fault
const none: SimOptions = { faults: [], links: [] }

/** A topology file of brokers in a row. */
function row(network: string, ...names: string[]): Rehearsal {
  const brokers = names.map((name, at) => {
    const dialled = at === 0 ? '' : `, networkConnectors: [{ uri: 'postroad://127.0.0.1:${at}' }]`
    const listening = `transportConnectors: [{ uri: 'postroad://127.0.0.1:${at + 1}' }]`
    return `  ${name}: { ${listening}${dialled} }`
  })
  return read(`network: ${network}\nbrokers:\n${brokers.join('\n')}\n`)
}

const own = `scenario: own
topology: { chain: 2 }
producers: [{ name: p, at: a, to: /queue/q, rate: 1/s }]
consumers: [{ name: c, at: b, from: /queue/q }]
faults: [{ kill: b@1s..2s }]
`

test('options change what a file says', (t) => {
  const { rehearsal, mistakes } = applyOptions(row('n', 'a', 'b'), {
    faults: [kill],
    links: ['b:a=40ms,2Mbit/s', 'a:b=6/min'],
    ...{ seed: 5, duration: 9_000, latency: 3, ending: 'heal' }
  })
  t.deepEqual(mistakes, [])
  t.like(rehearsal, { seed: '5', durationMs: 9_000, ending: 'heal' })
  const plan = planOfRehearsal(rehearsal)
  t.deepEqual(plan.qualities, [{ latencyMs: 40, bytesPerSecond: 250_000, resetsPerMinute: 6 }])
  t.deepEqual(
    plan.timeline.map(({ event }) => event.kind),
    ['kill', 'start']
  )
})

test('a duration that is too short for faults of the file is told', (t) => {
  const { mistakes } = applyOptions(read(own), { ...none, duration: 1_500 })
  t.is(mistakes.length, 1)
  t.regex(mistakes[0]!.message, /^kill b@1s\.\.2s: .* goes on after the end of the run/)
  t.regex(mistakes[0]!.where!, /:\d+:\d+$/)
})

test('a duration and a rate that come to too many messages are told', (t) => {
  const { mistakes } = applyOptions(row('n', 'a', 'b'), { ...none, duration: 86_400_000 })
  t.deepEqual(mistakes, [])
  const rated = applyRate(row('n', 'a', 'b'), { ...none, rate: 100_000 }) as Rehearsal
  const { mistakes: tooMany } = applyOptions(rated, { ...none, duration: 86_400_000 })
  t.is(tooMany.length, 1)
  t.regex(tooMany[0]!.message, /^the producers send about \d+ messages in 24h$/)
})

test('what real brokers cannot do is told of each fault, with its place or its option', (t) => {
  const fault = readFault('disk-full', 'b@1s..2s') as Fault
  const place = 'x.yaml:7:5'
  const rehearsal = { ...row('n', 'a', 'b'), faults: [{ ...fault, where: place }] }
  const options = { ...none, faults: [fault] }
  t.deepEqual(applyOptions(rehearsal, options).mistakes, [])
  const { mistakes } = applyOptions(rehearsal, { ...options, real: true })
  const why = 'cannot be done to real brokers: a full disk takes a file system of its own'
  t.deepEqual(
    mistakes.map(({ message, where }) => [message, where]),
    [
      [`disk-full b@1s..2s ${why}`, place],
      [`--disk-full b@1s..2s ${why}`, undefined]
    ]
  )
})

test('a rate is refused where the file has its own producers', (t) => {
  t.like(applyRate(row('n', 'a', 'b'), { ...none, rate: 5 }), { ratePerSecond: 5 })
  const mistake = applyRate(read(own), { ...none, rate: 5 })
  t.true(isMistake(mistake) && /own has its own/.test(mistake.message))
})

test('two topology files are given the same clients, those of the smaller', (t) => {
  for (const pair of [
    [row('two', 'a', 'b'), row('three', 'a', 'b', 'c')],
    [row('three', 'a', 'b', 'c'), row('two', 'a', 'b')]
  ] as const) {
    const [one, other] = comparedRehearsals(pair).map((each) => planOfRehearsal(each))
    t.deepEqual(one!.producers, other!.producers)
    t.deepEqual(one!.consumers, other!.consumers)
    t.deepEqual([...new Set(one!.consumers.map(({ at }) => at))].sort(), ['a', 'b'])
    t.not(one!.topology.brokers.length, other!.topology.brokers.length)
  }
})

test('a topology file beside a scenario takes the place of its network', (t) => {
  const bare = row('three', 'a', 'b', 'c')
  const scenario = read(own)
  const [one, other] = comparedRehearsals([scenario, bare])
  t.is(one, scenario)
  t.like(other, { name: 'own', faults: scenario.faults, producers: scenario.producers })
  t.is(other.topology, bare.topology)
  t.is(comparedRehearsals([bare, scenario])[0].topology, bare.topology)
})

test('what another network lacks is told once for each broker', (t) => {
  const [, other] = comparedRehearsals([read(own), row('cd', 'c', 'd')])
  t.deepEqual(
    findMisfits(other).map(({ message }) => message),
    [
      'cd has no broker "a", which client p needs',
      'cd has no broker "b", which client c needs'
    ].map((text) => text.replace('cd', other.topology.name))
  )
})

test('the line that runs a run again has all that was said', (t) => {
  const options: SimOptions = {
    faults: [kill],
    links: ['a:b=40ms'],
    ...{ duration: 90_000, rate: 5, latency: 3, ending: 'heal', real: true }
  }
  t.is(
    replayLine(["it's.yaml", 'b.yaml'], options, '7'),
    "postroad sim 'it'\\''s.yaml' --compare b.yaml --kill a@1s..2s --link a:b=40ms " +
      '--duration 90s --rate 5 --latency 3ms --ending heal --real --seed 7'
  )
})
