// `postroad explain` and `postroad status --converged`: what they print, and both against a running
// broker.

import test from 'ava'
import type { ExplainReport, VersionsReport } from '../../src/admin/index.ts'
import { explainText, obstacleText } from '../../src/cli/explain/explain-text.ts'
import { convergedText } from '../../src/cli/status/converged-command.ts'
import { findDifferences } from '../../src/cli/status/find-differences.ts'
import type { BrokerRoute } from '../../src/network/index.ts'
import { routeReasons } from '../../src/network/index.ts'
import { runCommand } from '../support/broker-processes.ts'
import { findTableFaults } from '../tidy/documents.ts'
import { readText } from '../tidy/repository.ts'
import { soloTopology, withFile } from './command-process.ts'

function route(facts: Partial<BrokerRoute>): BrokerRoute {
  return {
    ...{ broker: 'b', reason: 'no-consumers', rank: null, wants: [], wantsLeft: 0, weight: null },
    ...{ isKept: false, isReachable: true, nextHop: 'b', cost: 1, newJourneys: 0, obstacles: [] },
    ...{ path: [{ broker: 'b', cost: 1 }] },
    ...facts
  }
}

function report(facts: Partial<ExplainReport>): ExplainReport {
  return {
    ...{ destination: '/queue/orders', broker: 'a', hopsMax: 32, goesTo: [], isHeldBack: false },
    ...{ here: [], bridges: [], brokers: [route({ broker: 'a', path: [] })], left: 0 },
    ...facts
  }
}

test('where a message goes is said in a sentence, and why in a table', (t) => {
  const wants = [{ pattern: 'orders', weight: 4, isDurable: true, selectors: ['x = 1', 'x = 2'] }]
  const obstacle = { kind: 'filter', from: 'a', to: 'c', rule: 'excluded' } as const
  const path = ['b', 'c'].map((broker) => ({ broker, cost: 2 }))
  const text = explainText(
    report({
      goesTo: ['c'],
      bridges: [{ peer: 'b', isFull: true, messagesPending: 4_096, bytesPending: 2_048 }],
      here: [{ selector: "region = 'us'", credit: 7, isDurable: true, takes: false }],
      brokers: [
        route({ broker: 'a', path: [], cost: 0, reason: 'selector' }),
        route({
          ...{ broker: 'c', reason: 'sent', rank: 1, wants, wantsLeft: 2, weight: 4, cost: 4 },
          ...{ path, newJourneys: 1, isKept: true },
          obstacles: [{ ...obstacle, pattern: 'queue://orders' }]
        }),
        route({ broker: 'd', weight: 0, reason: 'consumers-full' }),
        route({ broker: 'e', isReachable: false, cost: null, path: [] })
      ],
      left: 3
    })
  ).join('\n')
  t.regex(text, /^a message for \/queue\/orders, published at broker a\ngoes to: c$/m)
  t.regex(text, /c +1 {2}orders \(durable\) x = 1 or x = 2, and 2 more, as remembered +4 +4/)
  t.regex(text, / 4 {2}b c +it goes there; by a detour/)
  t.regex(text, /sets out anew once, because of hopsMax/)
  t.regex(text, /d +- {2}- +full +1 {2}b +the consumers there have enough waiting/)
  t.regex(text, /e .* nobody there wants it; out of reach/)
  t.regex(text, /and 3 more/)
  t.regex(text, /round to c: the filter of bridge a-c excludes queue:\/\/orders/)
  t.regex(text, /region = 'us' +no +7 {2}yes/)
  t.regex(text, /b +full +4,096 +2\.0 KiB/)
})

test('what goes nowhere says what becomes of it', (t) => {
  const second = (facts: Partial<ExplainReport>): string => explainText(report(facts))[1]!
  t.is(second({}), 'goes nowhere now: it waits in the queue at a')
  t.is(second({ destination: '/topic/x' }), 'goes nowhere: nobody wants it')
  const away = [route({ broker: 'a', path: [] }), route({ weight: 3, reason: 'away' })]
  const lost = second({ destination: '/topic/x', brokers: away })
  t.is(lost, 'goes nowhere now: those who want it cannot be given it')
  const later = [route({ broker: 'a', path: [], reason: 'here-later' })]
  const waits = second({ destination: '/topic/x', brokers: later })
  t.is(waits, 'goes nowhere now: it waits for consumers of a')
  t.is(second({ goesTo: ['b', 'c'] }), 'goes to one of these: b, c')
  t.is(second({ goesTo: ['a', 'b'], destination: '/topic/x' }), 'goes to: consumers of a, b')
  t.regex(explainText(report({ isHeldBack: true })).join('\n'), /producers are held back/)
})

test('what is in the way is said in words', (t) => {
  const filter = {
    kind: 'filter',
    from: 'a',
    to: 'b',
    rule: 'not-included',
    pattern: null
  } as const
  t.is(obstacleText(filter), 'the filter of bridge a-b includes nothing that matches')
  t.is(obstacleText({ kind: 'one-way', from: 'a', to: 'b' }), 'bridge a-b leads that way only')
  t.regex(obstacleText({ kind: 'no-transit', broker: 'c' }), /^c carries nothing for others/)
})

test('the manual gives every reason with its meaning, and no other', (t) => {
  const path = 'docs/operating/explain.md'
  const meanings = new Map(Object.entries(routeReasons))
  t.deepEqual(findTableFaults({ path, text: readText(path) }, meanings, /^[a-z-]+$/), [])
})

function versions(broker: string, facts: Partial<VersionsReport> = {}): VersionsReport {
  const names = ['a', 'b']
  return {
    broker,
    records: names.map((name) => {
      return { broker: name, brokerId: `id-${name}`, incarnation: 1, sequence: 3 }
    }),
    demands: names.map((name) => ({ broker: name, incarnation: 1, version: 5 })),
    isUntold: false,
    ...facts
  }
}

function differences(...reports: readonly (VersionsReport | readonly [string, string])[]) {
  const answers = new Map<string, VersionsReport | string>()
  for (const one of reports) {
    if ('broker' in one) answers.set(one.broker, one)
    else answers.set(one[0], one[1])
  }
  return findDifferences(answers)
}

test('brokers that hold the same have no differences', (t) => {
  t.deepEqual(differences(versions('a'), versions('b')), [])
  t.deepEqual(convergedText(['a', 'b'], []), [
    'converged: 2 brokers, with one map and the newest demand'
  ])
})

test('what brokers hold that is out of date is named, with what is newer', (t) => {
  const { records, demands } = versions('b')
  const older = { ...records[0]!, sequence: 2 }
  t.deepEqual(differences(versions('a'), versions('b', { records: [older, records[1]!] })), [
    'b holds record 1.2 of a, which is at 1.3'
  ])
  const lesser = { ...demands[1]!, version: 4 }
  t.deepEqual(differences(versions('a', { demands: [demands[0]!, lesser] }), versions('b')), [
    'a holds demand 1.4 of b, which is at 1.5'
  ])
  t.deepEqual(differences(versions('a', { demands: [demands[0]!] }), versions('b')), [
    'a knows nothing of the demand of b'
  ])
  t.deepEqual(differences(versions('a'), versions('b', { isUntold: true })), [
    'b has new demand that it has not told yet'
  ])
})

test('a broker that does not answer, or is not known to all, is a difference', (t) => {
  t.deepEqual(differences(versions('a'), ['b', 'no answer']), ['b: no answer'])
  const { records } = versions('a')
  const alone = versions('b', { records: [records[1]!] })
  t.deepEqual(differences(versions('a'), alone), ['b does not find a in its map'])
  const more = { broker: 'x', brokerId: 'x', incarnation: 1, sequence: 1 }
  t.deepEqual(differences(versions('a', { records: [...records, more] }), versions('b')), [
    'a takes x for reachable'
  ])
  const many = Array.from({ length: 25 }, (_, at) => `difference ${at}`)
  t.regex(
    convergedText(['a'], many).join('\n'),
    /^not converged: 1 broker in reach.*\n.*\n(?:.*\n)*.*and 5 more$/
  )
})

test.serial('a running broker explains, and has converged with itself', async (t) => {
  await withFile(soloTopology, async (file, start) => {
    const broker = start('run', file, '--broker', 'a')
    const url = ['--url', `stomp://127.0.0.1:${await broker.stompPort()}`]
    const run = (...args: string[]) => runCommand([...args, ...url])
    const nobody = await run('explain', '/queue/orders')
    t.is(nobody.code, 1)
    t.regex(nobody.stdout, /goes nowhere now: it waits in the queue at a/)
    const reader = start('receive', '/queue/orders', '--selector', "region = 'eu'", ...url)
    let taken = await run('explain', '/queue/orders', '--at', 'a', '--header', 'region=eu')
    for (let times = 0; taken.code !== 0 && times < 20; times += 1) {
      taken = await run('explain', '/queue/orders', '--at', 'a', '--header', 'region=eu')
    }
    t.is(taken.code, 0, taken.stdout)
    t.regex(taken.stdout, /goes to: consumers of a\n/)
    const other = await run('explain', '/queue/orders', '--header', 'region:us', '--json')
    t.is(other.code, 1)
    t.like(JSON.parse(other.stdout).brokers[0], { broker: 'a', reason: 'selector' })
    const faulty = await run('explain', 'orders')
    t.is(faulty.code, 1)
    t.regex(faulty.stderr, /destination "orders" must be a queue or a topic/)
    const converged = await run('status', '--converged', '--wait', '2s')
    t.is(converged.code, 0)
    t.regex(converged.stdout, /^converged: 1 broker, /)
    const json = await run('status', '--converged', '--json')
    t.deepEqual(JSON.parse(json.stdout), { isConverged: true, brokers: ['a'], differences: [] })
    t.is((await run('status', '--wait', '2s')).code, 2)
    t.is((await run('status', '--converged', '--watch')).code, 2)
    await reader.end('SIGTERM')
  })
})
