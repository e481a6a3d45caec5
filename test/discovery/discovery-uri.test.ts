// Discovery URIs and durations: what is read, with which defaults, and what is refused and why.
// The refusals are shown to people as they are, so their words are tested.

import test from 'ava'
import fc from 'fast-check'
import { isPostroadError, type PostroadError } from '../../src/base/index.ts'
import {
  discoveryUriLengthMax,
  formatDurationMs,
  parseDiscoveryUri,
  parseDurationMs
} from '../../src/discovery/index.ts'

function texts(uri: string): string[] {
  return parseDiscoveryUri(uri).uris.map((each) => each.text)
}

test('reads a static list with its options', (t) => {
  const uri = parseDiscoveryUri(
    'static:(postroad://a:61617, postroad+ws://[::1]:443/bridge)' +
      '?initialReconnectDelay=200ms&maxReconnectDelay=5s&backOffMultiplier=1.5'
  )
  t.is(uri.scheme, 'static')
  t.deepEqual(
    uri.uris.map((each) => [each.carrier, each.host, each.port, each.path]),
    [
      ['tcp', 'a', 61617, '/'],
      ['ws', '::1', 443, '/bridge']
    ]
  )
  t.is(uri.reconnectDelayMsInitial, 200)
  t.is(uri.reconnectDelayMsMax, 5_000)
  t.is(uri.reconnectBackOffMultiplier, 1.5)
})

test('fills in defaults, from half a second doubling up to 30 s', (t) => {
  const uri = parseDiscoveryUri('static:(postroad://a:61617)')
  t.is(uri.reconnectDelayMsInitial, 500)
  t.is(uri.reconnectDelayMsMax, 10_000)
  t.is(uri.reconnectBackOffMultiplier, 2)
})

test('takes a bare broker URI as a static list of one, and its options as its own', (t) => {
  t.deepEqual(texts('postroad://a:61617'), ['postroad://a:61617'])
  const uri = parseDiscoveryUri('postroad+ws://a:80/x?initialReconnectDelay=1s')
  t.is(uri.uris[0]?.text, 'postroad+ws://a:80/x')
  t.is(uri.uris[0]?.options.size, 0)
  t.is(uri.reconnectDelayMsInitial, 1_000)
})

test('accepts the spelling static://(...) and spaces around entries', (t) => {
  t.deepEqual(texts('static://( postroad://a:1 ,postroad://b:2 )'), [
    'postroad://a:1',
    'postroad://b:2'
  ])
})

test('keeps the wait constant without exponential back-off, whatever the multiplier', (t) => {
  const uri = parseDiscoveryUri('postroad://a:1?useExponentialBackOff=false&backOffMultiplier=3')
  t.is(uri.reconnectBackOffMultiplier, 1)
})

const refused = test.macro({
  exec(t, uri: string, why: RegExp) {
    const error = t.throws<PostroadError>(() => parseDiscoveryUri(uri))
    t.is(error?.code, 'LOCAL_BAD_URI')
    t.regex(error?.message ?? '', why)
  },
  title: (_given, uri: string) => `refuses ${uri === '' ? 'an empty URI' : uri.slice(0, 70)}`
})

test(refused, '', /names no scheme/)
test(refused, 'a:61617', /scheme "a", which is not known; write static:\(/)
test(refused, 'multicast://default', /"multicast", which is not known; write static:/)
test(refused, 'dns:(postroad://a:1)', /"dns", which is not known/)
test(refused, 'static:postroad://a:1', /one pair of parentheses/)
test(refused, 'static:(postroad://a:1', /one pair of parentheses/)
test(refused, 'static:((postroad://a:1))', /one pair of parentheses/)
test(refused, 'static:(postroad://a:1)x', /one pair of parentheses/)
test(refused, 'static:()', /empty entry/)
test(refused, 'static:(postroad://a:1,)', /empty entry/)
test(refused, 'static:(postroad://a:1,postroad://a:1)', /postroad:\/\/a:1 twice/)
test(refused, 'static:(tcp://a:61616)', /"tcp:\/\/a:61616", but brokers are joined over postroad/)
test(refused, 'static:(stomp://a:61613)', /joined over postroad/)
test(refused, 'static:(postroad://a)', /cannot be read.*expected protocol:\/\/host:port/)
test(refused, 'static:(a:61617)', /cannot be read/)
test(refused, 'postroad://a:65536', /port 65536 is over 65535/)
test(refused, 'postroad://a:0', /port 0 cannot be dialled/)
test(refused, 'postroad://a:1?x=%zz', /cannot be read/)
test(refused, 'static:(postroad://a:1?maxReconnectDelay=1s)', /inside the parentheses/)
test(refused, 'postroad://a:1?maxReconectDelay=1s', /"maxReconectDelay", which is not known/)
test(refused, 'static:(postroad://a:1)?a', /"a", which is not name=value/)
test(refused, 'static:(postroad://a:1)?maxReconnectDelay=1s&maxReconnectDelay=2s', /twice/)
test(
  refused,
  'postroad://a:1?initialReconnectDelay=soon',
  /initialReconnectDelay=soon; write a whole/
)
test(refused, 'postroad://a:1?initialReconnectDelay=0', /from 1ms to 24h/)
test(refused, 'postroad://a:1?maxReconnectDelay=25h', /from 1ms to 24h/)
test(refused, 'postroad://a:1?initialReconnectDelay=1m', /waits 1m first but at most 10s/)
test(refused, 'postroad://a:1?useExponentialBackOff=yes', /write true or false/)
test(refused, 'postroad://a:1?backOffMultiplier=0.5', /from 1 to 100/)
test(refused, 'postroad://a:1?backOffMultiplier=1e1', /from 1 to 100/)

test('refuses a list of more than 64 brokers and a text over its bound', (t) => {
  const list = Array.from({ length: 65 }, (_, index) => `postroad://a:${index + 1}`)
  t.is(texts(`static:(${list.slice(1).join(',')})`).length, 64)
  t.throws(() => parseDiscoveryUri(`static:(${list.join(',')})`), { message: /64 is the most/ })
  const long = `static:(${' '.repeat(discoveryUriLengthMax)}postroad://a:1)`
  t.throws(() => parseDiscoveryUri(long), { message: /longer than 8192/ })
})

test('names the unknown word and the known ones as facts, for suggestions', (t) => {
  const error = t.throws<PostroadError>(() => parseDiscoveryUri('sttic:(postroad://a:1)'))
  t.is(error?.facts.given, 'sttic')
  t.is(error?.facts.known, 'static,postroad,postroad+ws')
})

test('answers any text with a result or LOCAL_BAD_URI', (t) => {
  const piece = fc.constantFrom('static:', '(', ')', 'postroad://', 'a:1', ',', '?', '&', '=', '%')
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 12 }).map((all) => all.join(''))
  )
  fc.assert(
    fc.property(text, (uri: string) => {
      try {
        return parseDiscoveryUri(uri).uris.length > 0
      } catch (error) {
        return isPostroadError(error, 'LOCAL_BAD_URI')
      }
    })
  )
  t.pass()
})

test('reads durations in every unit and refuses what is not a whole number of one', (t) => {
  t.deepEqual(
    ['200', '200ms', '5s', '1m', '1h', '0'].map(parseDurationMs),
    [200, 200, 5_000, 60_000, 3_600_000, 0]
  )
  for (const text of ['', '-1', '1.5s', '1 s', '1S', '5d', 's', '9999999999999', '999999999999h']) {
    t.is(parseDurationMs(text), undefined, text)
  }
})

test('writes durations in their largest whole unit, and reads them back the same', (t) => {
  t.deepEqual([0, 1, 500, 1_000, 90_000, 60_000, 7_200_000].map(formatDurationMs), [
    '0ms',
    '1ms',
    '500ms',
    '1s',
    '90s',
    '1m',
    '2h'
  ])
  fc.assert(fc.property(fc.nat(), (ms) => parseDurationMs(formatDurationMs(ms)) === ms))
})
