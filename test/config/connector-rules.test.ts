// Rules between connectors: addresses, names, who leads to whom, and the parts of a network. Each
// is bent once, and the exact place and text of what is reported is part of the contract.

import test from 'ava'
import { formatProblem, readTopology } from '../../src/config/index.ts'

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
        uri: static:(postroad://127.0.0.1:61617)
`

/** The good file with one piece of text replaced. */
function bent(from: string, to: string): string {
  const text = good.replace(from, to)
  if (text === good) throw new Error(`the good file has no ${from}`)
  return text
}

const reports = test.macro({
  exec(t, text: string, ...expected: string[]) {
    const { topology, problems } = readTopology(text, 'f')
    t.deepEqual(
      problems.map((problem) => formatProblem(problem).slice(2)),
      expected
    )
    t.is(
      topology === undefined,
      expected.some((line) => line.includes(': error: '))
    )
  },
  title: (title) => `reports ${title}`
})

test(
  'a listener on the address of another broker',
  reports,
  bent(':61623', ':61613'),
  '10:14: error: "stomp://127.0.0.1:61613" of broker "shop-1" has the same address as ' +
    '"stomp://127.0.0.1:61613" of broker "hub" ' +
    '(give each listener a port of its own, or port 0 for any free one)'
)
test(
  'a listener on every address against one of them',
  reports,
  bent('stomp://127.0.0.1:61623', 'stomp://0.0.0.0:61613'),
  '10:14: error: "stomp://0.0.0.0:61613" of broker "shop-1" has the same address as ' +
    '"stomp://127.0.0.1:61613" of broker "hub" ' +
    '(give each listener a port of its own, or port 0 for any free one)'
)
test(
  'a listener that two brokers inherit',
  reports,
  'network: n\ndefaults:\n  transportConnectors:\n    - uri: stomp://[::]:5\n' +
    'brokers: {a: {}, b: {}}\n' +
    'topology: {template: chain, brokers: [a]}\n',
  '4:12: error: "stomp://[::]:5" of broker "b" has the same address as "stomp://[::]:5" of ' +
    'broker "a" (give each listener a port of its own, or port 0 for any free one)',
  '5:1: warning: the brokers fall into 2 parts that nothing joins: {a}, {b} ' +
    '(add a network connector or a topology template, unless they are to stay apart)'
)
test(
  'no clash between hosts, nor on port 0',
  reports,
  `network: n
brokers:
  a:
    transportConnectors:
      - uri: stomp://127.0.0.1:61613
      - uri: stomp://127.0.0.2:61613
      - uri: stomp://0.0.0.0:0
      - uri: stomp://0.0.0.0:0
`
)
test(
  'two connectors of one name',
  reports,
  bent(
    '      - name: to-hub\n',
    '      - {name: to-hub, uri: "postroad://127.0.0.1:61617"}\n      - name: to-hub\n'
  ),
  '13:15: error: broker "shop-1" has two connectors named "to-hub" (rename one)'
)
test(
  'a connector to its own broker',
  reports,
  bent(
    '    transportConnectors:\n      - uri: stomp://127.0.0.1:61613',
    '    networkConnectors:\n      - uri: postroad://localhost:61617\n' +
      '    transportConnectors:\n      - uri: stomp://127.0.0.1:61613'
  ),
  '5:14: error: "postroad://localhost:61617" leads broker "hub" to itself ' +
    '(name another broker, or remove the connector)'
)
test(
  'an inherited connector to its own broker',
  reports,
  `network: n
defaults:
  networkConnectors:
    - uri: postroad://127.0.0.1:7
brokers:
  hub: {transportConnectors: [{uri: "postroad://0.0.0.0:7"}]}
  s: {}
`,
  '4:12: error: "postroad://127.0.0.1:7" leads broker "hub" to itself ' +
    '(give "hub" networkConnectors of its own, [] for none)'
)
test(
  'nothing of an inherited connector that its target replaces',
  reports,
  `network: n
defaults:
  networkConnectors:
    - uri: postroad://127.0.0.1:7
brokers:
  hub: {transportConnectors: [{uri: "postroad://0.0.0.0:7"}], networkConnectors: []}
  s: {}
`
)
test(
  'a connector to a listener of another protocol',
  reports,
  bent('61617)', '61613)'),
  '13:14: error: "postroad://127.0.0.1:61613" leads to "stomp://127.0.0.1:61613" of broker "hub" ' +
    '(did you mean "postroad://127.0.0.1:61617"?)'
)
test(
  'a connector to a listener over another carrier',
  reports,
  bent('(postroad://', '(postroad+ws://'),
  '13:14: error: "postroad+ws://127.0.0.1:61617" leads to "postroad://127.0.0.1:61617" of broker ' +
    '"hub" (did you mean "postroad://127.0.0.1:61617"?)'
)
test(
  'a connector to a broker that others cannot join',
  reports,
  bent('61617)', '61613)').replace('      - uri: postroad://127.0.0.1:61617\n', ''),
  '12:14: error: "postroad://127.0.0.1:61613" leads to "stomp://127.0.0.1:61613" of broker "hub" ' +
    '(give "hub" a postroad transport connector)'
)
test(
  'a connector that leads out of the file, as a warning',
  reports,
  bent('(postroad://127.0.0.1:61617)', '(postroad://127.0.0.1:61617,postroad://10.0.0.1:61617)'),
  '13:14: warning: "postroad://10.0.0.1:61617" is no listener of this file ' +
    '(right for a broker that is described elsewhere)'
)
test(
  'another site on the standard port as outside, not as this broker itself',
  reports,
  'network: n\nbrokers:\n  a:\n    transportConnectors: [{uri: "postroad://0.0.0.0:61617"}]\n' +
    '    networkConnectors: [{uri: "postroad://b.example:61617"}]\n',
  '5:31: warning: "postroad://b.example:61617" is no listener of this file ' +
    '(right for a broker that is described elsewhere)'
)
test(
  'nothing of a connector that dials this machine at a listener on every address',
  reports,
  bent('postroad://127.0.0.1:61617\n', 'postroad://[::]:61617\n')
)
test(
  'parts that nothing joins, as a warning',
  reports,
  `${good}  lone: {}\n  far-1: {transportConnectors: [{uri: "postroad://127.0.0.1:7"}]}
  far-2: {networkConnectors: [{uri: "postroad://127.0.0.1:7"}]}
`,
  '2:1: warning: the brokers fall into 3 parts that nothing joins: {hub, shop-1}, {lone}, ' +
    '{far-1, far-2} (add a network connector or a topology template, unless they are to stay apart)'
)
test(
  'nothing of parts while a listener cannot be read',
  reports,
  bent('postroad://127.0.0.1:61617\n', 'postroad://\n'),
  '7:14: error: bad URI "postroad://": expected protocol://host:port, ' +
    'for example postroad://10.0.0.1:61617'
)
test(
  'what is wrong between connectors that have other faults, too',
  reports,
  bent('61617)', '61613)').replace('name: to-hub', 'names: to-hub'),
  '12:9: error: key "names" is not known in "networkConnectors[0]" (did you mean "name"?)',
  '13:14: error: "postroad://127.0.0.1:61613" leads to "stomp://127.0.0.1:61613" of broker "hub" ' +
    '(did you mean "postroad://127.0.0.1:61617"?)'
)

test(
  'a connector to another path than the listener has',
  reports,
  bent('stomp+ws://127.0.0.1:61614', 'postroad+ws://127.0.0.1:61614/bridge').replace(
    '(postroad://127.0.0.1:61617)',
    '(postroad+ws://127.0.0.1:61614/brdge)'
  ),
  '13:14: error: "postroad+ws://127.0.0.1:61614/brdge" leads to ' +
    '"postroad+ws://127.0.0.1:61614/bridge" of broker "hub" ' +
    '(did you mean "postroad://127.0.0.1:61617"?)'
)
test(
  'nothing of a path at a listener that takes any',
  reports,
  bent('stomp+ws://127.0.0.1:61614', 'postroad+ws://127.0.0.1:61614').replace(
    '(postroad://127.0.0.1:61617)',
    '(postroad+ws://127.0.0.1:61614/any)'
  )
)
