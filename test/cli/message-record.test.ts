import test from 'ava'
import fc from 'fast-check'
import {
  DestinationTable,
  escapeHeader,
  Message,
  messageOrigin,
  readStoredMessage,
  storableMessage
} from '../../src/broker/index.ts'
import { decodeMessage, messageRecord, recordMessage } from '../../src/cli/store/message-record.ts'
import { storableTransfer } from '../../src/network/index.ts'
import type { Clock } from '../../src/ports/index.ts'

const clock: Clock = {
  monotonicMs: () => 5,
  wallMs: () => 1_700_000_000_000,
  schedule: () => () => {},
  endOfTurn: () => {}
}
const destinations = new DestinationTable()

const stored = fc
  .record({
    name: fc.constantFrom('orders', 'orders.eu', 'ž'),
    kind: fc.constantFrom('queue' as const, 'topic' as const, 'temp-queue' as const),
    sequence: fc.nat(),
    isPersistent: fc.boolean(),
    isRedelivered: fc.boolean(),
    priority: fc.nat(9),
    redirects: fc.nat(255),
    expiresAtMs: fc.constantFrom(0, 1_000_000),
    headers: fc.oneof(
      fc
        .array(fc.tuple(fc.string({ minLength: 1, unit: 'binary' }), fc.string({ unit: 'binary' })))
        .map((pairs) =>
          Buffer.from(
            pairs.map(([name, value]) => `${escapeHeader(name)}:${escapeHeader(value)}\n`).join('')
          )
        ),
      fc.uint8Array().map((bytes) => Buffer.from(bytes))
    ),
    body: fc.oneof(
      fc.string().map((text) => Buffer.from(text)),
      fc.uint8Array().map((bytes) => Buffer.from(bytes))
    )
  })
  .map((facts) => {
    const { name, kind, sequence, headers, body, ...rest } = facts
    const message = new Message(destinations.get(kind, name), messageOrigin('hub', 17), sequence)
    Object.assign(message, rest, { headers, headersEnd: headers.length, body })
    message.bodyEnd = body.length
    message.hasEscapes = headers.includes(0x5c)
    return storableMessage(message, clock).encode()
  })

test('a message comes back from its record byte by byte', (t) => {
  fc.assert(
    fc.property(stored, (bytes) => {
      const record = messageRecord(
        'orders',
        3,
        decodeMessage('orders', Buffer.from(bytes), destinations)
      )
      const line = JSON.stringify(record)
      const again = recordMessage(JSON.parse(line), new DestinationTable()).storable.encode()
      t.deepEqual(again, bytes)
    })
  )
})

test('a record shows headers and a text as they are, and dates the end of a message', (t) => {
  const message = new Message(destinations.get('queue', 'orders'), messageOrigin('hub', 17), 4)
  message.headers = Buffer.from('from:a\\cb\n')
  message.headersEnd = message.headers.length
  message.hasEscapes = true
  message.body = Buffer.from('a book')
  message.bodyEnd = 6
  message.expiresAtMs = 1_005
  const bytes = storableMessage(message, clock).encode()
  t.deepEqual(messageRecord('DLQ', 8, decodeMessage('DLQ', bytes, destinations)), {
    queue: 'DLQ',
    sequence: 8,
    destination: { kind: 'queue', name: 'orders' },
    origin: { broker: 'hub', incarnation: 17, sequence: 4 },
    isPersistent: false,
    isRedelivered: false,
    priority: 4,
    redirects: 0,
    expiresMs: 1_700_000_001_000,
    headers: [['from', 'a:b']],
    body: 'a book'
  })
})

test('bytes that are no message are refused, whatever they are', (t) => {
  fc.assert(
    fc.property(stored, fc.nat(), fc.nat(255), (bytes, at, value) => {
      const bent = Buffer.from(bytes)
      bent[at % bent.length] = value
      try {
        const { headersEnd, bodyEnd } = decodeMessage('orders', bent, destinations).message
        t.true(headersEnd <= bodyEnd)
      } catch (error) {
        t.true(error instanceof Error)
      }
    })
  )
  t.throws(() => decodeMessage('orders', Buffer.alloc(0), destinations))
})

test('a message on its way starts anew, and says that its target may have it', (t) => {
  const topic = new Message(destinations.get('topic', 'prices'), messageOrigin('hub', 17), 4)
  topic.isPersistent = true
  topic.brokerPath = ['spoke', 'hub']
  topic.body = Buffer.from('7')
  topic.bodyEnd = 1
  const transfer = { targets: ['b', 'c'], flags: 0, epoch: 9, sequence: 3, peerLife: 2 }
  const log = storableTransfer({ message: topic, ...transfer }, clock).encode()
  const record = messageRecord('bridge b', 1, decodeMessage('bridge b', log, destinations))
  t.like(record, { queue: 'bridge b', targets: ['b', 'c'], brokerPath: ['spoke', 'hub'] })
  const again = recordMessage(JSON.parse(JSON.stringify(record)), new DestinationTable())
  t.deepEqual(again.queues, ['parked b', 'parked c'])
  const read = readStoredMessage(again.storable.encode(), destinations, clock)
  t.like(read, { isMaybeDuplicate: true, isRedelivered: true, isPersistent: true })
  t.deepEqual(read.brokerPath, ['spoke', 'hub'])

  const order = new Message(destinations.get('queue', 'orders'), messageOrigin('hub', 17), 5)
  const ordered = storableTransfer({ message: order, ...transfer, targets: ['b'] }, clock).encode()
  const back = messageRecord('bridge b', 2, decodeMessage('bridge b', ordered, destinations))
  t.deepEqual(recordMessage(back, destinations).queues, ['orders'])
})
