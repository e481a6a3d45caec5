// Reading one topology file: values, defaults, and every fault of YAML and of the schema with its
// exact line and column. Rules between connectors are in connector-rules.test.ts.

import test from 'ava'
import fc from 'fast-check'
import { formatProblem, readTopology, type Topology } from '../../src/config/index.ts'

/** A good file that others are bent from. */
const good = `network: acme
brokers:
  hub:
    transportConnectors:
      - uri: stomp://127.0.0.1:61613
      - uri: stomp+ws://127.0.0.1:61614
      - uri: postroad://127.0.0.1:61617
  shop-1:
    transportConnectors:
      - uri: stomp://127.0.0.1:61623
    networkConnectors:
      - name: to-hub
        uri: static:(postroad://127.0.0.1:61617)?initialReconnectDelay=200ms&maxReconnectDelay=5s
        cost: 7
        duplex: false
        include: ["queue://orders.>"]
        exclude: ["queue://local.>", "topic://*.secret"]
`

function read(text: string): Topology {
  const { topology, problems } = readTopology(text, 'net.yaml')
  if (topology === undefined) throw new Error(problems.map(formatProblem).join('\n'))
  return topology
}

/** `line:column severity message (suggestion)` of every problem. */
function problemsOf(text: string): string[] {
  return readTopology(text, 'f').problems.map((problem) => formatProblem(problem).slice(2))
}

/** The good file with one piece of text replaced. */
function bent(from: string, to: string): string {
  const text = good.replace(from, to)
  if (text === good) throw new Error(`the good file has no ${from}`)
  return text
}

test('reads a file with two brokers and a connector between them', (t) => {
  const { topology, problems } = readTopology(good, 'net.yaml')
  t.deepEqual(problems, [])
  t.is(topology?.network, 'acme')
  t.deepEqual([...(topology?.brokers.keys() ?? [])], ['hub', 'shop-1'])
  const hub = topology?.brokers.get('hub')
  t.deepEqual(
    hub?.transportConnectors.map(({ name, uri }) => [name, uri.text]),
    [
      ['stomp', 'stomp://127.0.0.1:61613'],
      ['stomp-ws', 'stomp+ws://127.0.0.1:61614'],
      ['postroad', 'postroad://127.0.0.1:61617']
    ]
  )
  const [connector] = topology?.brokers.get('shop-1')?.networkConnectors ?? []
  t.deepEqual(
    { ...connector, uris: connector?.uris.map((uri) => uri.text) },
    {
      name: 'to-hub',
      uris: ['postroad://127.0.0.1:61617'],
      cost: 7,
      duplex: false,
      include: ['queue://orders.>'],
      exclude: ['queue://local.>', 'topic://*.secret'],
      reconnectDelayMsInitial: 200,
      reconnectDelayMsMax: 5_000,
      reconnectBackOffMultiplier: 2
    }
  )
  t.deepEqual(topology?.bridges, [{ from: 'shop-1', to: 'hub', connector: connector! }])
})

test('fills in every default', (t) => {
  const broker = read('network: n\nbrokers:\n  a: {}\n').brokers.get('a')
  const mib = 1_048_576
  t.deepEqual(broker, {
    name: 'a',
    transportConnectors: [],
    networkConnectors: [],
    transit: true,
    users: undefined,
    limits: {
      connectionsMax: 10_000,
      connectTimeoutMs: 10_000,
      frameBytesMax: 16 * mib,
      headerCountMax: 100,
      headerBytesMax: 65_536,
      queueMessagesMax: 1_000_000,
      queueBytesMax: 128 * mib,
      storedQueueMessagesMax: 1_000_000_000,
      storedQueueBytesMax: 1_024 ** 4,
      queueWindowMessages: 4_096,
      queueWindowBytes: 8 * mib,
      memoryBytesMax: 512 * mib,
      whenFull: 'wait',
      destinationsMax: 100_000,
      subscriptionsPerConnectionMax: 10_000,
      transactionBytesMax: 16 * mib,
      prefetchDefault: 1_000,
      topicPendingMessagesMax: 10_000,
      topicPendingBytesMax: 32 * mib,
      slowConsumerPatienceMs: 5_000,
      heartBeatMsMin: 100
    },
    store: {
      kind: undefined,
      path: undefined,
      sizeBytesMax: 10 * 1_024 * mib,
      spoolBytesMax: 2_560 * mib,
      whenFull: 'refuse'
    },
    policies: [],
    pingIntervalMs: 1_000,
    pingMisses: 3,
    hopsMax: 32
  })
})

test('lets a broker override defaults: maps merge one level deep, lists replace', (t) => {
  const { brokers } = read(`network: n
defaults:
  transportConnectors: [{uri: "stomp://127.0.0.1:0"}]
  transit: false
  hopsMax: 9
  users: {ann: a1, bob: b1}
  limits: {frameBytesMax: 1MiB, connectionsMax: 7}
brokers:
  a: {}
  b:
    transportConnectors: [{uri: "postroad://127.0.0.1:0"}]
    transit: true
    users: {bob: b2}
    limits: {frameBytesMax: 64KiB}
`)
  const [a, b] = [...brokers.values()]
  t.is(a?.transportConnectors[0]?.uri.text, 'stomp://127.0.0.1:0')
  t.is(a?.transit, false)
  t.is(a?.limits.frameBytesMax, 1_048_576)
  t.deepEqual(
    b?.transportConnectors.map(({ uri }) => uri.text),
    ['postroad://127.0.0.1:0']
  )
  t.is(b?.transit, true)
  t.is(b?.hopsMax, 9)
  t.deepEqual(
    [...(b?.users ?? [])],
    [
      ['ann', 'a1'],
      ['bob', 'b2']
    ]
  )
  t.is(b?.limits.frameBytesMax, 65_536)
  t.is(b?.limits.connectionsMax, 7)
})

test('a broker takes over what defaults say of stores, key by key', (t) => {
  const { brokers } = read(`
network: n
defaults:
  store: { path: /var/lib/postroad, sizeMax: 2GiB, spoolMax: 100MiB }
brokers:
  a: {}
  b:
    store: { kind: memory }
  c:
    store: { kind: lmdb, path: data, sizeMax: 1MiB, whenFull: wait }
`)
  const path = '/var/lib/postroad'
  const gib = 1_073_741_824
  const bounds = { sizeBytesMax: 2 * gib, spoolBytesMax: 104_857_600, whenFull: 'refuse' } as const
  t.deepEqual(brokers.get('a')!.store, { kind: undefined, path, ...bounds })
  t.deepEqual(brokers.get('b')!.store, { kind: 'memory', path, ...bounds })
  t.deepEqual(brokers.get('c')!.store, {
    ...{ kind: 'lmdb', path: 'data', whenFull: 'wait' },
    // Of a spool that is larger than half the store no more than the half counts.
    ...{ sizeBytesMax: 1_048_576, spoolBytesMax: 524_288 }
  })
})

test('keeps the order of the file even where names look like numbers', (t) => {
  const { brokers } = read('network: n\nbrokers: {b: {}, "10": {}, 2: {}, 007: {}}\n')
  t.deepEqual([...brokers.keys()], ['b', '10', '2', '007'])
})

test('reads JSON, since JSON is YAML', (t) => {
  t.is(read('{"network": "n", "brokers": {"a": {"hopsMax": 3}}}').brokers.get('a')?.hopsMax, 3)
})

test('follows anchors and aliases', (t) => {
  const { brokers } = read(`network: n
brokers:
  a: &same {hopsMax: 3, limits: {connectionsMax: 5}}
  b: *same
`)
  t.is(brokers.get('b')?.limits.connectionsMax, 5)
})

test('names a connector after the broker it leads to, and keeps names apart', (t) => {
  const { brokers } = read(`network: n
brokers:
  hub: {transportConnectors: [{uri: "postroad://127.0.0.1:1"}, {uri: "postroad://127.0.0.1:2"}]}
  s:
    networkConnectors:
      - uri: postroad://127.0.0.1:1
      - {uri: "postroad://127.0.0.1:2", name: to-hub}
      - uri: postroad://10.0.0.1:2
`)
  t.deepEqual(
    brokers.get('s')?.networkConnectors.map(({ name }) => name),
    ['to-hub-2', 'to-hub', 'connector-3']
  )
  t.deepEqual(
    brokers.get('hub')?.transportConnectors.map(({ name }) => name),
    ['postroad', 'postroad-2']
  )
})

const reports = test.macro({
  exec(t, text: string, ...expected: string[]) {
    const { topology } = readTopology(text, 'f')
    t.deepEqual(problemsOf(text), expected)
    t.is(
      topology === undefined,
      expected.some((line) => line.includes(': error: '))
    )
  },
  title: (title) => `reports ${title}`
})

test(
  'an unknown key',
  reports,
  bent('network:', 'netwrk: x\nnetwork:'),
  '1:1: error: key "netwrk" is not known in a topology file (did you mean "network"?)'
)
test(
  'an unknown key of a connector',
  reports,
  bent('cost:', 'costs:'),
  '14:9: error: key "costs" is not known in "networkConnectors[0]" (did you mean "cost"?)'
)
test(
  'an unknown key nothing is near to',
  reports,
  bent('cost: 7', '"": 7'),
  '14:9: error: key "" is not known in "networkConnectors[0]" ' +
    '(known are uri, name, cost, duplex, include, exclude)'
)
test(
  'a key given twice',
  reports,
  bent('duplex: false', 'cost: 8'),
  '15:9: error: Map keys must be unique'
)
test(
  'an unknown kind of store',
  reports,
  'network: n\nbrokers:\n  a:\n    store:\n      kind: lmbd\n',
  '5:13: error: "kind" must be one of lmdb, memory, not "lmbd" (did you mean "lmdb"?)'
)
test(
  'a store that is too small',
  reports,
  'network: n\nbrokers:\n  a:\n    store: { sizeMax: 1KB }\n',
  '4:23: error: "sizeMax" must be a size from 1MiB to 1048576GiB, such as 10GiB, not "1KB" ' +
    '(did you mean 1KiB?)'
)
test(
  'a store without a directory',
  reports,
  'network: n\ndefaults:\n  store: { path: "" }\nbrokers:\n  a: {}\n',
  '3:18: error: "path" must be a directory, such as /var/lib/postroad, not ""'
)
test(
  'a key that no store has',
  reports,
  'network: n\nbrokers:\n  a:\n    store: { size: 1GiB }\n',
  '4:14: error: key "size" is not known in "store" (known are kind, path, sizeMax, spoolMax, ' +
    'whenFull)'
)
test(
  'a missing key',
  reports,
  'brokers:\n  a: {}\n',
  '1:1: error: "network" is missing; it must be a name of letters, digits, "-" and "_", ' +
    'beginning with a letter or digit, 63 characters at most'
)
test(
  'a missing URI',
  reports,
  bent('uri: stomp://127.0.0.1:61613', 'name: x'),
  '5:9: error: "uri" is missing; it must be a transport URI, such as stomp://127.0.0.1:61613'
)
test(
  'a file without brokers',
  reports,
  'network: n\nbrokers: {}\n',
  '2:10: error: "brokers" must be a map of at least one broker'
)
test(
  'an empty file',
  reports,
  '# nothing\n',
  '1:1: error: the file is empty (write at least network and brokers)'
)
test(
  'a list instead of a file',
  reports,
  '- a\n',
  '1:1: error: the file must be a map of keys and values, not a list'
)
test(
  'a broker name with a dot',
  reports,
  bent('shop-1', 'shop.1'),
  '8:3: error: name "shop.1" must be a name of letters, digits, "-" and "_", beginning with ' +
    'a letter or digit, 63 characters at most'
)
test(
  'a network name of 64 characters',
  reports,
  bent('acme', 'a'.repeat(64)),
  '1:10: error: "network" must be a name of letters, digits, "-" and "_", beginning with a ' +
    `letter or digit, 63 characters at most, not "${'a'.repeat(56)}...`
)
test(
  'a name that YAML takes for a number',
  reports,
  bent('acme', '2024'),
  '1:10: error: "network" must be a name of letters, digits, "-" and "_", beginning with a ' +
    'letter or digit, 63 characters at most, not 2024 (put it in quotes)'
)
test(
  'a broker without a value',
  reports,
  'network: n\nbrokers:\n  a:\n',
  '3:3: error: "a" must be a map of keys and values, and is empty (write {} for one without any)'
)
test(
  'a URI that cannot be read',
  reports,
  bent('stomp://127.0.0.1:61613', 'stomp:61613'),
  '5:14: error: bad URI "stomp:61613": expected protocol://host:port, ' +
    'for example postroad://10.0.0.1:61617'
)
test(
  'an option that cannot be decoded',
  reports,
  bent('127.0.0.1:61613', '127.0.0.1:61613?x=%zz'),
  '5:14: error: bad URI "stomp://127.0.0.1:61613?x=%zz": option value "%zz" has a % that ' +
    'starts no escape, for example postroad://10.0.0.1:61617'
)
test(
  'an option of a listener',
  reports,
  bent('127.0.0.1:61613', '127.0.0.1:61613?x=1'),
  '5:14: error: "stomp://127.0.0.1:61613" has option "x"; a transport connector takes none'
)
test(
  'an unknown protocol',
  reports,
  bent('stomp+ws:', 'stmp+ws:'),
  '6:14: error: protocol "stmp" of "stmp+ws://127.0.0.1:61614" is not known ' +
    '(did you mean "stomp+ws"?)'
)
test(
  'a discovery scheme that is not known',
  reports,
  bent('static:', 'sttic:'),
  '13:14: error: discovery URI "sttic:(postroad://127.0.0.1:61617)?initialReconnectDelay=200ms' +
    '&maxReconnectDelay=5s" has scheme "sttic", which is not known; write ' +
    'static:(postroad://host:port,...) or postroad://host:port (did you mean "static"?)'
)
test(
  'a cost of 0',
  reports,
  bent('cost: 7', 'cost: 0'),
  '14:15: error: "cost" must be a whole number from 1 to 65535, not 0'
)
test(
  'a cost over its bound',
  reports,
  bent('cost: 7', 'cost: 65536'),
  '14:15: error: "cost" must be a whole number from 1 to 65535, not 65536'
)
test(
  'a cost with a fraction',
  reports,
  bent('cost: 7', 'cost: 1.5'),
  '14:15: error: "cost" must be a whole number from 1 to 65535, not 1.5'
)
test(
  'a switch that is neither true nor false',
  reports,
  bent('duplex: false', 'duplex: no'),
  '15:17: error: "duplex" must be true or false, not "no"'
)
test(
  'a switch without a value',
  reports,
  bent('duplex: false', 'duplex:'),
  '15:9: error: "duplex" must be true or false, and is empty (remove the key)'
)
test(
  'a filter without a kind',
  reports,
  bent('queue://orders.>', 'orders.>'),
  '16:19: error: "orders.>" is not a destination pattern, such as queue://orders.> or ' +
    'topic://prices.* (did you mean "queue://orders.>"?)'
)
test(
  'a filter of an unknown kind',
  reports,
  bent('topic:', 'topics:'),
  '17:38: error: "topics" of "topics://*.secret" is not a kind of destination that is filtered ' +
    '(did you mean "topic"?)'
)
test(
  'a filter whose pattern is no pattern',
  reports,
  bent('orders.>', 'a.>.b'),
  '16:19: error: destination name "a.>.b" has ">" before its last part'
)
test(
  'a filter that is not a text',
  reports,
  bent('"queue://orders.>"', '{}'),
  '16:19: error: "include[0]" must be a destination pattern, such as queue://orders.> or ' +
    'topic://prices.*, not a map'
)
test(
  'a size in a decimal unit',
  reports,
  'network: n\nbrokers:\n  a:\n    limits: {queueBytesMax: 5MB}\n',
  '4:29: error: "queueBytesMax" must be a size from 1KiB to 1024GiB, such as 128MiB, not "5MB" ' +
    '(did you mean 5MiB?)'
)
test(
  'a size out of bounds',
  reports,
  'network: n\nbrokers:\n  a:\n    limits: {frameBytesMax: 2GiB}\n',
  '4:29: error: "frameBytesMax" must be a size from 1KiB to 1GiB, such as 16MiB, not "2GiB"'
)
test(
  'a duration without a unit that exists',
  reports,
  'network: n\nbrokers: {a: {pingInterval: 5sec}}\n',
  '2:29: error: "pingInterval" must be a duration from 10ms to 1h, such as 1s, not "5sec"'
)
test(
  'a duration out of bounds',
  reports,
  'network: n\nbrokers: {a: {pingInterval: 5}}\n',
  '2:29: error: "pingInterval" must be a duration from 10ms to 1h, such as 1s, not 5'
)
test(
  'a key of limits that is not known',
  reports,
  'network: n\ndefaults:\n  limits:\n    conectionsMax: 5\nbrokers: {a: {}}\n',
  '4:5: error: key "conectionsMax" is not known in "limits" (did you mean "connectionsMax"?)'
)
test(
  'a numeric passcode, without repeating it',
  reports,
  'network: n\nbrokers: {a: {users: {ann: 12}}}\n',
  '2:28: error: "ann" must be a passcode: text with at least one character (put it in quotes)'
)
test(
  'users without anyone',
  reports,
  'network: n\nbrokers: {a: {users: {}}}\n',
  '2:22: error: "users" must be a map with at least one login; without the key, every client ' +
    'is admitted'
)
test(
  'a list that is none',
  reports,
  bent('["queue://orders.>"]', 'queue://orders.>'),
  '16:18: error: "include" must be a list, not "queue://orders.>"'
)

test(
  'every problem of a file at once, in the order of the file',
  reports,
  'netwrk: n\nnetwork: n\nbrokers:\n  a:\n    transit: 3\n    hopsMax: 0\n  b.c: {}\n',
  '1:1: error: key "netwrk" is not known in a topology file (did you mean "network"?)',
  '3:1: warning: the brokers fall into 2 parts that nothing joins: {a}, {b.c} ' +
    '(add a network connector or a topology template, unless they are to stay apart)',
  '5:14: error: "transit" must be true or false, not 3',
  '6:14: error: "hopsMax" must be a whole number from 1 to 255, not 0',
  '7:3: error: name "b.c" must be a name of letters, digits, "-" and "_", beginning with a ' +
    'letter or digit, 63 characters at most'
)

test('says where in the structure a problem is', (t) => {
  const { problems } = readTopology(bent('cost: 7', 'cost: 0'), 'net.yaml')
  t.deepEqual(problems, [
    {
      severity: 'error',
      file: 'net.yaml',
      line: 14,
      column: 15,
      path: 'brokers.shop-1.networkConnectors[0].cost',
      message: '"cost" must be a whole number from 1 to 65535, not 0'
    }
  ])
})

test('tells of 500 problems and how many more there are', (t) => {
  const keys = Array.from({ length: 600 }, (_, index) => `x${index}: 1\n`).join('')
  const { problems } = readTopology(`${good}${keys}`, 'f')
  t.is(problems.length, 501)
  t.is(
    formatProblem(problems.at(-1)!),
    'f:1:1: error: 100 more problems are not shown (mend these first)'
  )
})

test(
  'text that is not YAML',
  reports,
  'network: n\nbrokers: {a: {}\n',
  '3:1: error: Flow map in block collection must be sufficiently indented and end with a }'
)
test(
  'a second document',
  reports,
  `${good}---\nnetwork: n\n`,
  '18:1: error: a second document begins here'
)
test(
  'an unknown tag',
  reports,
  bent('cost: 7', 'cost: !seven 7'),
  '14:15: error: Unresolved tag: !seven',
  '14:22: error: "cost" must be a whole number from 1 to 65535, not "7"'
)
test(
  'an alias without an anchor',
  reports,
  bent('cost: 7', 'cost: *cheap'),
  '14:15: error: alias "*cheap" has no anchor before it'
)
test(
  'an alias that stands for itself',
  reports,
  'network: n\nbrokers: &b\n  a: *b\n',
  '3:6: error: alias "*b" stands for itself',
  '3:6: error: "a" is missing; it must be a map of keys and values'
)
test(
  'a key that is a list',
  reports,
  'network: n\nbrokers: {a: {}, [b]: {}}\n',
  '2:18: error: a key is not a plain word'
)
test(
  'the key __proto__',
  reports,
  'network: n\nbrokers: {a: {users: {x: y, __proto__: z}}}\n',
  '2:29: error: key "__proto__" is not known'
)
test(
  'a key that begins with a question mark',
  reports,
  'network: n\n? brokers\n: {a: {}}\n',
  '2:1: error: a key begins with "?" (write maps as "key: value", one below the other)'
)
test(
  'brackets nested too deep',
  reports,
  `network: ${'['.repeat(100_000)}`,
  '1:26: error: maps and lists are nested more than 16 deep ' +
    '(write maps as "key: value", one below the other)'
)
test('refuses deep brackets behind as many stray closing ones', (t) => {
  const { topology, problems } = readTopology(`${']'.repeat(50_000)}${'['.repeat(50_000)}`, 'f')
  t.is(topology, undefined)
  t.deepEqual(
    problems.map(({ message }) => message),
    ['maps and lists are nested more than 16 deep']
  )
})
test(
  'dashes nested too deep',
  reports,
  `network:\n  ${'- '.repeat(100_000)}`,
  '2:35: error: maps and lists are nested more than 16 deep ' +
    '(write maps as "key: value", one below the other)'
)
test(
  'lines indented too far',
  reports,
  `network:\n${' '.repeat(101)}n\n`,
  '2:1: error: a line is indented by more than 100 spaces ' +
    '(write maps as "key: value", one below the other)'
)
test(
  'a file over its bound',
  reports,
  ' '.repeat(1_048_577),
  '1:1048577: error: the file is longer than 1048576 characters'
)

test('refuses aliases that multiply', (t) => {
  const lines = ['network: &l0 [x, x, x, x, x, x, x, x, x, x]']
  for (let level = 1; level < 10; level += 1) {
    const aliases = Array.from({ length: 10 }, () => `*l${level - 1}`).join(', ')
    lines.push(`k${level}: &l${level} [${aliases}]`)
  }
  const { topology, problems } = readTopology(lines.join('\n'), 'f')
  t.is(topology, undefined)
  t.regex(problems[0]!.message, /it expands to more than 200000 values/)
})

test('answers any text with problems or a topology, and never throws', (t) => {
  const line = fc.constantFrom(...good.split('\n'))
  const pieces = fc.constantFrom(
    '- ',
    ': ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '\n',
    '  ',
    '? ',
    '!x ',
    '|',
    '"'
  )
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(line, pieces, fc.string()), { maxLength: 20 }).map((all) => all.join('\n')),
    fc.array(pieces, { maxLength: 20 }).map((all) => all.join('')),
    fc.json()
  )
  fc.assert(
    fc.property(text, (written) => {
      const { topology, problems } = readTopology(written, 'f')
      const isRefused = problems.some((problem) => problem.severity === 'error')
      return (topology === undefined) === isRefused
    }),
    { numRuns: 300 }
  )
  t.pass()
})
