// Options of the benchmark, good and bad, and what is made of them before anything runs.

import test from 'ava'

import { helpText, parseCommandLine } from '../../bench/command-line.ts'
import { parseCpuSeconds } from '../../bench/process-usage.ts'
import { chooseScenarios, scenarios } from '../../bench/scenarios/scenario-list.ts'
import { externalTarget, parseStompUrl } from '../../bench/targets/external-target.ts'
import { chainTopology } from '../../bench/targets/topology-file.ts'

test('runs everything on our own targets by default', (t) => {
  const options = parseCommandLine([])
  t.is(options.action, 'run')
  t.deepEqual(options.scenarios, scenarios)
  t.true(options.isComplete)
  t.deepEqual([...options.targets], ['bare-relay', 'postroad'])
  t.is(options.seconds, 3)
  t.is(options.rounds, 3)
  t.is(options.bodyBytes, 1024)
  t.false(options.judgeBars)
})

test('runs chosen scenarios in the order of the list', (t) => {
  const options = parseCommandLine(['--scenario', 'chain-2', '--scenario', 'relay,queue'])
  t.deepEqual(
    options.scenarios.map((scenario) => scenario.name),
    ['relay', 'queue', 'chain-2']
  )
  t.false(options.isComplete)
})

test('measures an external broker when it is given a URL', (t) => {
  const options = parseCommandLine(['--url', 'stomp://a:1,stomp://b:2', '--pid', '10,11'])
  t.true(options.targets.has('external'))
  t.deepEqual(options.urls, ['stomp://a:1', 'stomp://b:2'])
  t.deepEqual(options.pids, [10, 11])
})

const refused: ReadonlyArray<readonly [string[], RegExp]> = [
  [['--scenario', 'chian-2'], /--scenario chian-2 is unknown: choose from relay, queue/],
  [['--target', 'kafka'], /--target kafka is unknown: choose from bare-relay/],
  [['--target', 'external'], /--target external needs --url/],
  [['--seconds', 'long'], /--seconds is "long": give a number from 0.1 to 600/],
  [['--seconds', ''], /--seconds is ""/],
  [['--seconds', '0'], /--seconds is "0"/],
  [['--rounds', '1.5'], /--rounds is "1.5": give a whole number/],
  [['--body-bytes', '15'], /--body-bytes is "15": give a number from 16/],
  [['--pid', 'me'], /--pid is "me"/],
  [['--bogus'], /--bogus/],
  [['stray'], /stray/]
]
for (const [args, message] of refused) {
  test(`refuses ${args.join(' ')}`, (t) => {
    t.throws(() => parseCommandLine(args), { message })
  })
}

test('the help text names every option', (t) => {
  for (const option of ['scenario', 'seconds', 'rounds', 'json', 'list', 'bars', 'url', 'pid']) {
    t.regex(helpText, new RegExp(`^ {2}--${option} `, 'm'))
  }
})

test('scenario names are unique', (t) => {
  t.is(new Set(scenarios.map((scenario) => scenario.name)).size, scenarios.length)
  t.deepEqual(chooseScenarios([]), scenarios)
})

test('reads STOMP addresses with login and virtual host', (t) => {
  t.deepEqual(parseStompUrl('stomp://guest:p%40ss@10.0.0.1:61000?vhost=/'), {
    host: '10.0.0.1',
    port: 61_000,
    login: 'guest',
    passcode: 'p@ss',
    virtualHost: '/'
  })
  t.like(parseStompUrl('stomp://[::1]'), { host: '::1', port: 61_613, login: undefined })
})

for (const url of ['localhost:61613', 'tcp://a:1', 'stomp://', '']) {
  test(`refuses the address "${url}"`, (t) => {
    t.throws(() => parseStompUrl(url), { message: /write stomp:\/\/host:port/ })
  })
}

test('an external chain has producers at its first and consumers at its last URL', async (t) => {
  const target = externalTarget(['stomp://a:1', 'stomp://b:2', 'stomp://c:3'], [7])
  const pair = await target.start(2)
  t.is(pair.first.host, 'a')
  t.is(pair.last.host, 'b')
  t.deepEqual(pair.brokers, [
    { name: 'a', pid: 7 },
    { name: 'b', pid: undefined }
  ])
  t.throws(() => externalTarget(['stomp://a', 'stomp://a', 'stomp://a', 'stomp://a'], []), {
    message: /at most 3/
  })
})

test('in a chain each broker joins the one before it', (t) => {
  t.is(
    chainTopology(2, 20_000),
    `network: bench
brokers:
  a:
    transportConnectors:
      - uri: "stomp://127.0.0.1:20000"
      - uri: "postroad://127.0.0.1:20001"
  b:
    transportConnectors:
      - uri: "stomp://127.0.0.1:20002"
      - uri: "postroad://127.0.0.1:20003"
    networkConnectors:
      - name: to-a
        uri: "static:(postroad://127.0.0.1:20001)?initialReconnectDelay=50ms"
`
  )
  t.notRegex(chainTopology(1, 20_000), /postroad:|networkConnectors/)
})

test('reads CPU time of a program whose name holds blanks and parentheses', (t) => {
  const stat = '42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 150 0 0 20 0 1 0 100'
  t.is(parseCpuSeconds(stat), 4)
  t.is(parseCpuSeconds('garbage'), undefined)
})
