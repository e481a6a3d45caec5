// What becomes of header lines on their way from a producer of one version to a consumer of
// another.

import test from 'ava'
import fc from 'fast-check'
import type { StompVersion } from '../../../src/protocols/stomp/codec/index.ts'
import type { PeerHeaders, ReceivedFrame } from '../../support/stomp-peer.ts'
import { StompWorld } from '../../support/stomp-world.ts'

const versions: readonly StompVersion[] = ['1.0', '1.1', '1.2']
const escapeClause = '[STOMP 1.2 Value Encoding]'

/** Sends bytes of a frame from a client of one version; answers what one of another gets. */
function pass(sender: StompVersion, receiver: StompVersion, frame: string | Buffer): ReceivedFrame {
  const world = new StompWorld()
  const consumer = world.client({ version: receiver })
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const producer = world.client({ version: sender })
  producer.write(frame)
  world.run()
  if (producer.error !== undefined) throw new Error(producer.error.summary)
  return consumer.messages[0]!
}

/** The application's headers of a frame: all but those the broker writes. */
function own(frame: ReceivedFrame): (readonly [string, string])[] {
  const broker = [
    'destination',
    'message-id',
    'subscription',
    'content-length',
    'ack',
    'redelivered'
  ]
  return frame.headers.filter(([name]) => !broker.includes(name))
}

function sendFrame(headerLines: string, body = 'x'): string {
  return `SEND\ndestination:/queue/a\n${headerLines}\n${body}\0`
}

/** What a value becomes where the receiver's version cannot express it. */
function expressible(value: string, receiver: StompVersion): string {
  if (receiver === '1.2') return value
  const spaced = value.replaceAll('\r', ' ')
  return receiver === '1.1' ? spaced : spaced.replaceAll('\n', ' ')
}

/** The same header in the words of each version; 1.0 has no LF, only 1.2 writes CR as an escape. */
const samples: readonly (readonly [string, Partial<Record<StompVersion, string>>])[] = [
  ['plain', { '1.0': 'plain', '1.1': 'plain', '1.2': 'plain' }],
  ['', { '1.0': '', '1.1': '', '1.2': '' }],
  ['a:b', { '1.0': 'a:b', '1.1': 'a\\cb', '1.2': 'a\\cb' }],
  ['::', { '1.0': '::', '1.1': '\\c:', '1.2': ':\\c' }],
  ['a\\b', { '1.0': 'a\\b', '1.1': 'a\\\\b', '1.2': 'a\\\\b' }],
  ['C:\\cats', { '1.0': 'C:\\cats', '1.1': 'C\\c\\\\cats', '1.2': 'C\\c\\\\cats' }],
  ['\\n\\r\\c', { '1.0': '\\n\\r\\c', '1.1': '\\\\n\\\\r\\\\c', '1.2': '\\\\n\\\\r\\\\c' }],
  ['\\', { '1.0': '\\', '1.1': '\\\\', '1.2': '\\\\' }],
  ['a\nb', { '1.1': 'a\\nb', '1.2': 'a\\nb' }],
  ['a\rb', { '1.0': 'a\rb', '1.1': 'a\rb', '1.2': 'a\\rb' }],
  ['a\r', { '1.0': 'a\r', '1.1': 'a\r', '1.2': 'a\\r' }],
  ['a b ', { '1.0': 'a b ', '1.1': 'a b ', '1.2': 'a b ' }],
  ['ä\u{1f600}', { '1.0': 'ä\u{1f600}', '1.1': 'ä\u{1f600}', '1.2': 'ä\u{1f600}' }]
]

for (const sender of versions) {
  for (const receiver of versions) {
    test(`header values pass from ${sender} to ${receiver} ${escapeClause}`, (t) => {
      for (const [value, written] of samples) {
        const text = written[sender]
        if (text === undefined) continue
        const frame = pass(sender, receiver, sendFrame(`before:1\nv:${text}\nafter:2\n`))
        const expected = expressible(value, receiver)
        t.deepEqual(own(frame), [
          ['before', '1'],
          ['v', expected],
          ['after', '2']
        ])
      }
    })
  }
}

const namePairs: readonly (readonly [StompVersion, string, StompVersion, string])[] = [
  ['1.2', 'a\\cb', '1.2', 'a:b'],
  ['1.2', 'a\\cb', '1.1', 'a:b'],
  ['1.2', 'a\\cb', '1.0', 'a b'],
  ['1.1', 'a\\nb\\\\', '1.2', 'a\nb\\'],
  ['1.1', 'a\\nb\\\\', '1.0', 'a b\\'],
  ['1.0', 'a\\cb', '1.2', 'a\\cb'],
  ['1.0', 'a\\cb', '1.1', 'a\\cb']
]

for (const [sender, name, receiver, expected] of namePairs) {
  test(`header name ${name} passes from ${sender} to ${receiver} ${escapeClause}`, (t) => {
    const frame = pass(sender, receiver, sendFrame(`${name}:v\n`))
    t.deepEqual(own(frame), [[expected, 'v']])
  })
}

test('leading spaces of a 1.0 value are padding, elsewhere they are part of the value', (t) => {
  for (const receiver of ['1.1', '1.2'] as const) {
    t.deepEqual(own(pass('1.0', receiver, sendFrame('v:   x y \n'))), [['v', 'x y ']])
    t.deepEqual(own(pass('1.1', receiver, sendFrame('v:   x y \n'))), [['v', '   x y ']])
    t.deepEqual(own(pass('1.2', receiver, sendFrame('v:   x y \n'))), [['v', '   x y ']])
  }
})

test('frames with CR LF pass as others do', (t) => {
  for (const sender of versions) {
    const frame = pass(sender, '1.2', 'SEND\r\ndestination:/queue/a\r\nv:x\r\nw:y\r\n\r\nbody\0')
    t.deepEqual(own(frame), [
      ['v', 'x'],
      ['w', 'y']
    ])
    t.is(frame.text, 'body')
  }
})

test('the first of repeated headers counts, all pass [STOMP 1.2 Repeated Header Entries]', (t) => {
  const world = new StompWorld()
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', selector: "colour = 'red'" })
  const producer = world.client()
  const headers: PeerHeaders = [
    ['destination', '/queue/a'],
    ['destination', '/queue/b'],
    ['colour', 'red'],
    ['priority', '2'],
    ['colour', 'blue'],
    ['priority', 'bad, but not looked at'],
    ['receipt', 'first'],
    ['receipt', 'second']
  ]
  producer.send('SEND', headers, 'x')
  world.run()
  t.deepEqual(producer.receipts, ['first'])
  t.is(world.broker.queues.find('b'), undefined)
  const [frame] = consumer.messages
  t.deepEqual(frame?.all('colour'), ['red', 'blue'])
  t.deepEqual(frame?.all('priority'), ['2', 'bad, but not looked at'])
  t.deepEqual(frame?.all('destination'), ['/queue/a'])
})

test('headers the broker writes are not taken over from the producer', (t) => {
  const world = new StompWorld()
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: 'mine', destination: '/queue/a', ack: 'client' })
  const producer = world.client()
  const forged: PeerHeaders = [
    ['message-id', 'forged'],
    ['a', '1'],
    ['subscription', 'forged'],
    ['ack', 'forged'],
    ['b', '2'],
    ['redelivered', 'true'],
    ['destination', '/queue/a'],
    ['content-length', '1']
  ]
  producer.send('SEND', forged, 'x')
  world.run()
  const frame = consumer.messages[0]!
  t.deepEqual(own(frame), [
    ['a', '1'],
    ['b', '2']
  ])
  t.regex(frame.get('message-id')!, /^ID:hub-1-\d+$/)
  t.is(frame.get('subscription'), 'mine')
  t.is(frame.get('ack'), '1-1')
  t.is(frame.get('redelivered'), undefined)
  t.is(frame.all('content-length').length, 1)
})

test('receipt and transaction stay with the producer', (t) => {
  const frame = pass('1.2', '1.2', sendFrame('receipt:r\nv:1\n'))
  t.deepEqual(own(frame), [['v', '1']])
})

test('a message without headers of its own has none', (t) => {
  t.deepEqual(own(pass('1.2', '1.2', sendFrame(''))), [])
})

const brokerHeaders = ['destination', 'receipt', 'message-id', 'content-length']
const lineArb = fc.oneof(
  fc.constantFrom(...brokerHeaders),
  fc.constantFrom('persistent', 'priority', 'expires', 'reply-to'),
  fc.stringMatching(/^[a-z\\:\n\r]{1,6}$/).map((name) => `x${name}`)
)

test('the application gets its headers in order, wherever the others stand among them', (t) => {
  const world = new StompWorld()
  const consumer = world.client()
  consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const producer = world.client()
  const property = fc.property(
    fc.array(fc.tuple(lineArb, fc.stringMatching(/^[ -~\n\r]{0,12}$/)), { maxLength: 12 }),
    fc.boolean(),
    (lines, isCarriageReturn) => {
      const headers: [string, string][] = [['destination', '/queue/a']]
      const expected: [string, string][] = []
      for (const [name, text] of lines) {
        const value = valueFor(name, text)
        // The first destination counts: it has to stand before others.
        if (name === 'content-length') continue
        headers.push([name, value])
        if (!brokerHeaders.includes(name)) expected.push([name, value])
      }
      producer.send('SEND', headers, isCarriageReturn ? 'cr' : 'lf')
      world.run(10)
      t.is(producer.error, undefined)
      const [frame] = consumer.take()
      t.deepEqual(own(frame!), expected)
      producer.take()
    }
  )
  fc.assert(property, { numRuns: 200 })
})

function valueFor(name: string, text: string): string {
  if (name === 'priority') return '5'
  if (name === 'expires') return '0'
  if (name === 'persistent') return 'false'
  if (name === 'reply-to') return '/queue/r'
  return text
}

test('any text passes through every pair of versions that can express it', (t) => {
  const worlds = versions.flatMap((sender) =>
    versions.map((receiver) => {
      const world = new StompWorld()
      const consumer = world.client({ version: receiver })
      consumer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
      return { world, receiver, consumer, producer: world.client({ version: sender }) }
    })
  )
  // Without CR and LF, which not every version can say, and without padding.
  const textArb = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => {
    return `-${text.replace(/[\r\n\0]/g, '')}`
  })
  fc.assert(
    fc.property(textArb, textArb, (name, value) => {
      const plainName = name.replaceAll(':', '')
      for (const { world, consumer, producer } of worlds) {
        producer.send('SEND', { destination: '/queue/a', [plainName]: value }, 'x')
        world.run(10)
        const [frame] = consumer.take()
        t.deepEqual(own(frame!), [[plainName, value]])
      }
    }),
    { numRuns: 100 }
  )
})

const expirations: readonly (readonly [string, (nowMs: number) => string, boolean])[] = [
  ['expires', (nowMs) => `${nowMs + 60_000}`, true],
  ['expires', () => '0', true],
  ['expires', (nowMs) => `${nowMs - 1}`, false],
  ['expires', () => '1', false],
  ['expiration', () => '60000', true],
  ['expiration', () => '0', false]
]

for (const [header, value, isDelivered] of expirations) {
  test(`${header}:${value(0)} from now is ${isDelivered ? 'delivered' : 'expired'}`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
    const text = value(world.clock.wallMs())
    peer.send('SEND', { destination: '/queue/a', [header]: text }, 'x')
    world.run()
    t.is(peer.messages.length, isDelivered ? 1 : 0)
    t.is(world.broker.notDelivered.get('expired'), isDelivered ? 0 : 1)
    if (isDelivered) t.is(peer.messages[0]!.get(header), text)
  })
}

test('a message that waits for too long is not delivered', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', expiration: '500' }, 'short')
  peer.send('SEND', { destination: '/queue/a', expiration: '5000' }, 'long')
  peer.send('SEND', { destination: '/queue/a', expires: `${world.clock.wallMs() + 500}` }, 'short')
  world.run(1_000)
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  world.run()
  t.deepEqual(peer.bodies, ['long'])
  t.is(world.broker.notDelivered.get('expired'), 2)
})

const badNumbers = ['', ' 1', '1.5', '-1', '1e3', 'soon', '1234567890123456']

for (const header of ['expires', 'expiration', 'priority']) {
  for (const value of badNumbers) {
    test(`${header}:"${value}" is refused with its name and value`, (t) => {
      const world = new StompWorld()
      const peer = world.client()
      peer.send('SEND', { destination: '/queue/a', [header]: value, receipt: 'r' }, 'x')
      world.run()
      const message = peer.error?.get('message') ?? ''
      t.true(message.includes(`header ${header}:"${value}" must be a whole number of 0 or more`))
      t.is(peer.error?.get('receipt-id'), 'r')
    })
  }
}

test('priority travels as it was given, and counts as 0 to 9', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  const selector = 'JMSPriority = 9'
  peer.send('SUBSCRIBE', { id: '1', destination: '/topic/a', selector })
  for (const priority of ['3', '9', '12']) {
    peer.send('SEND', { destination: '/topic/a', priority }, priority)
  }
  peer.send('SEND', { destination: '/topic/a' }, 'none')
  world.run()
  t.deepEqual(
    peer.messages.map((frame) => frame.get('priority')),
    ['9', '12']
  )
})

for (const [value, isStored] of [
  ['true', true],
  ['TRUE', true],
  ['false', false],
  ['yes', false],
  ['', false]
] as const) {
  test(`persistent:"${value}" is ${isStored ? '' : 'not '}kept in the store`, (t) => {
    const world = new StompWorld()
    const peer = world.client()
    peer.send('SEND', { destination: '/queue/a', persistent: value }, 'x')
    world.run()
    t.is(world.store.read('a', 0, { countMax: 9, bytesMax: 1e9 }).length, isStored ? 1 : 0)
  })
}

test('a client may give each message as many headers as the limit allows, and no more', (t) => {
  const world = new StompWorld({ stomp: { headerCountMax: 20 } })
  const peer = world.client()
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a' })
  const headers = (count: number): [string, string][] => [
    ['destination', '/queue/a'],
    ...Array.from({ length: count - 2 }, (_, i): [string, string] => [`h${i}`, `${i}`])
  ]
  peer.send('SEND', headers(20), 'x')
  world.run()
  t.is(own(peer.messages[0]!).length, 18)
  peer.send('SEND', headers(21), 'x')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /20/)
  t.true(peer.isClosed)
})

test('a header section over its limit is refused', (t) => {
  const world = new StompWorld({ stomp: { headerBytesMax: 2_000 } })
  const peer = world.client()
  peer.send('SEND', { destination: '/queue/a', receipt: 'ok', pad: 'x'.repeat(1_900) }, 'x')
  world.run()
  t.deepEqual(peer.receipts, ['ok'])
  peer.send('SEND', { destination: '/queue/a', pad: 'x'.repeat(2_000) }, 'x')
  world.run()
  t.regex(peer.error?.get('message') ?? '', /2000/)
})

test('headers as large as the limit allows come through, to every version', (t) => {
  const world = new StompWorld()
  const producer = world.client()
  const consumers = versions.map((version) => world.client({ version }))
  for (const consumer of consumers) consumer.send('SUBSCRIBE', { id: '1', destination: '/topic/a' })
  world.run()
  // Escapes make the lines of older versions differ in length from these.
  const value = 'x:\\y'.repeat(9_000)
  producer.send('SEND', { destination: '/topic/a', value }, 'body')
  producer.send('SEND', { destination: '/topic/a', value: '2' }, 'next')
  world.run(500)
  for (const consumer of consumers) {
    t.deepEqual(consumer.bodies, ['body', 'next'])
    t.is(consumer.messages[0]!.get('value'), value)
  }
})

test('message ids of a broker with a very long name do not break the frame', (t) => {
  const world = new StompWorld({ brokerName: 'n'.repeat(255) })
  const peer = world.client()
  const bodies = Array.from({ length: 1_000 }, (_, i) => 'x'.repeat(i % 173))
  for (const body of bodies) peer.send('SEND', { destination: '/queue/a' }, body)
  world.run(500)
  // All of them in one turn, so that frames meet the end of a slab.
  peer.send('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' })
  world.run(1_000)
  t.deepEqual(peer.bodies, bodies)
})

test('a subscription id of 1,024 bytes comes back whole, a longer one is refused', (t) => {
  const world = new StompWorld()
  const peer = world.client()
  // The longest lines there can be, as a colon takes two bytes on the wire.
  const id = ':'.repeat(1_024)
  const name = ':'.repeat(1_024)
  peer.send('SUBSCRIBE', { id, destination: `/queue/${name}` })
  peer.send('SEND', { destination: `/queue/${name}` }, 'x')
  world.run()
  t.is(peer.messages[0]?.get('subscription'), id)
  t.is(peer.messages[0]?.get('destination'), `/queue/${name}`)
  peer.write(`SUBSCRIBE\nid:${':'.repeat(60_000)}\ndestination:/queue/a\n\n\0`)
  world.run()
  t.regex(peer.error?.get('message') ?? '', /id:".*" is too long; it has at most 1024 bytes/)
})
