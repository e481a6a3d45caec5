// Templates: the connectors each one makes, what it leaves alone, and what it refuses.
// Brokers listen on ports 1, 2, 3..., so a dialled port says which broker it is.

import test from 'ava'
import { formatProblem, readTopology, type Topology } from '../../src/config/index.ts'

/** A file of brokers that listen on ports 1, 2, 3..., and what follows them. */
function file(names: readonly string[], rest: string): string {
  const brokers = names.map(
    (name, index) =>
      `  ${name}: {transportConnectors: [{uri: "postroad://127.0.0.1:${index + 1}"}]}`
  )
  return ['network: n', 'brokers:', ...brokers, rest, ''].join('\n')
}

function read(text: string): Topology {
  const { topology, problems } = readTopology(text, 'f')
  if (topology === undefined) throw new Error(problems.map(formatProblem).join('\n'))
  return topology
}

function bridges(text: string): string {
  return read(text)
    .bridges.map(({ from, to, connector }) => `${from}>${to}:${connector.uris[0]?.port}`)
    .join(' ')
}

const abcd = ['a', 'b', 'c', 'd']

test('a ring joins each to the next and the last to the first', (t) => {
  t.is(bridges(file(abcd, 'topology: {template: ring}')), 'a>b:2 b>c:3 c>d:4 d>a:1')
})

test('a ring of two has one bridge, and of one has none', (t) => {
  t.is(bridges(file(['a', 'b'], 'topology: {template: ring}')), 'a>b:2')
  t.is(bridges(file(['a'], 'topology: {template: ring}')), '')
})

test('a chain joins each to the next', (t) => {
  t.is(bridges(file(abcd, 'topology: {template: chain}')), 'a>b:2 b>c:3 c>d:4')
})

test('a mesh joins each to all after it', (t) => {
  t.is(bridges(file(abcd, 'topology: {template: mesh}')), 'a>b:2 a>c:3 a>d:4 b>c:3 b>d:4 c>d:4')
})

test('hub and spoke joins every other broker to the hub', (t) => {
  t.is(bridges(file(abcd, 'topology: {template: hub-spoke, hub: b}')), 'a>b:2 c>b:2 d>b:2')
})

test('brokers restricts and orders who takes part', (t) => {
  t.is(bridges(file(abcd, 'topology: {template: chain, brokers: [d, a, b]}')), 'a>b:2 d>a:1')
  const spokes = 'topology: {template: hub-spoke, hub: b, brokers: [c, a]}'
  t.is(bridges(file(abcd, spokes)), 'a>b:2 c>b:2')
})

test('names its connectors to-<peer> and gives them the template cost and usual delays', (t) => {
  const { brokers } = read(file(['a', 'b'], 'topology: {template: chain, cost: 9}'))
  const [connector] = brokers.get('a')?.networkConnectors ?? []
  t.deepEqual(
    { ...connector, uris: connector?.uris.map((uri) => uri.text) },
    {
      name: 'to-b',
      uris: ['postroad://127.0.0.1:2'],
      cost: 9,
      duplex: true,
      include: [],
      exclude: [],
      reconnectDelayMsInitial: 500,
      reconnectDelayMsMax: 10_000,
      reconnectBackOffMultiplier: 2
    }
  )
})

test('dials TCP before WebSocket, and a listener on every address at this machine', (t) => {
  const { bridges: made } = read(`network: n
brokers:
  a: {}
  b: {transportConnectors: [{uri: "postroad+ws://0.0.0.0:1/x"}, {uri: "postroad://[::]:2"}]}
  c: {transportConnectors: [{uri: "stomp://h:3"}, {uri: "postroad+ws://0.0.0.0:4/x"}]}
topology: {template: chain}
`)
  t.deepEqual(
    made.map(({ connector }) => connector.uris[0]?.text),
    ['postroad://127.0.0.1:2', 'postroad+ws://127.0.0.1:4/x']
  )
})

test('leaves a pair alone that a connector of the file joins, whichever way', (t) => {
  const text = file(
    ['a', 'b'],
    '  c: {networkConnectors: [{uri: "postroad://127.0.0.1:2", cost: 5}]}'
  )
  const { bridges: made } = read(`${text}topology: {template: chain}\n`)
  t.deepEqual(
    made.map(({ from, to, connector }) => `${from}>${to} ${connector.cost}`),
    ['a>b 1', 'c>b 5']
  )
})

test('keeps its connector names apart from given ones', (t) => {
  const text = file(
    ['b', 'x'],
    `  a: {networkConnectors: [{name: to-b, uri: "postroad://127.0.0.1:2"}]}`
  )
  const { brokers } = read(`${text}topology: {template: chain, brokers: [a, b]}\n`)
  t.deepEqual(
    brokers.get('a')?.networkConnectors.map(({ name }) => name),
    ['to-b', 'to-b-2']
  )
})

const refuses = test.macro({
  exec(t, text: string, ...expected: string[]) {
    const { topology, problems } = readTopology(text, 'f')
    t.is(topology, undefined)
    t.deepEqual(
      problems.map((problem) => formatProblem(problem).slice(2)),
      expected
    )
  },
  title: (title) => `refuses ${title}`
})

test(
  'an unknown template',
  refuses,
  file(abcd, 'topology: {template: rign}'),
  '7:22: error: "template" must be one of hub-spoke, ring, chain, mesh, not "rign" ' +
    '(did you mean "ring"?)'
)
test(
  'an unknown hub',
  refuses,
  file(['main', 'b'], 'topology: {template: hub-spoke, hub: zone}'),
  '5:38: error: broker "zone" is not in this file (known are main, b)'
)
test(
  'a hub with a slip in it',
  refuses,
  file(['centre', 'b'], 'topology: {template: hub-spoke, hub: center}'),
  '5:38: error: broker "center" is not in this file (did you mean "centre"?)'
)
test(
  'hub and spoke without a hub',
  refuses,
  file(abcd, 'topology: {template: hub-spoke}'),
  '7:22: error: the hub-spoke template needs "hub" (write for example hub: a)'
)
test(
  'a hub for another template',
  refuses,
  file(abcd, 'topology: {template: ring, hub: a}'),
  '7:28: error: "hub" is for the hub-spoke template, not for ring ' +
    '(remove it, or use template: hub-spoke)'
)
test(
  'a broker that is not in the file or listed twice',
  refuses,
  file(['shop-1', 'shop-2'], 'topology: {template: ring, brokers: [shop-1, shop-1, shop3]}'),
  '5:46: error: broker "shop-1" is listed twice (remove one)',
  '5:54: error: broker "shop3" is not in this file (did you mean "shop-1"?)'
)
test(
  'an empty list of brokers',
  refuses,
  file(abcd, 'topology: {template: ring, brokers: []}'),
  '7:37: error: "brokers" must be a list of at least one broker name'
)
test(
  'a cost out of bounds',
  refuses,
  file(abcd, 'topology: {template: ring, cost: 0}'),
  '7:34: error: "cost" must be a whole number from 1 to 65535, not 0'
)
test(
  'a key that is not known, but still checks the rest',
  refuses,
  file(abcd, 'topology: {templat: ring, hub: x}'),
  '7:1: error: "template" is missing; it must be one of hub-spoke, ring, chain, mesh',
  '7:12: error: key "templat" is not known in "topology" (did you mean "template"?)',
  '7:32: error: broker "x" is not in this file (known are a, b, c, d)'
)
test(
  'to dial a broker that other brokers cannot join',
  refuses,
  file(
    ['a'],
    '  b: {transportConnectors: [{uri: "stomp://127.0.0.1:7"}]}\ntopology: {template: chain}'
  ),
  '4:3: error: broker "b" has no postroad transport connector with a fixed port, and the chain ' +
    'template has "a" dial it (add - uri: postroad://127.0.0.1:61617 or the like to its ' +
    'transportConnectors)'
)
test(
  'to dial a broker on a port that is not known',
  refuses,
  file(
    ['a'],
    '  b: {transportConnectors: [{uri: "postroad://127.0.0.1:0"}]}\ntopology: {template: chain}'
  ),
  '4:3: error: broker "b" has no postroad transport connector with a fixed port, and the chain ' +
    'template has "a" dial it (add - uri: postroad://127.0.0.1:61617 or the like to its ' +
    'transportConnectors)'
)

test('refuses a mesh of more bridges than 10000', (t) => {
  const names = Array.from({ length: 143 }, (_, index) => `b${index}`)
  const { problems } = readTopology(file(names, 'topology: {template: mesh}'), 'f')
  t.deepEqual(
    problems.map(({ message }) => message),
    ['a mesh of 143 brokers needs 10153 bridges']
  )
})
