import test from 'ava'
import { ProducerTap } from '../../../sim/real/producer-tap.ts'
import { BodyTemplate } from '../../../sim/workload/body-template.ts'
import type { StreamConnection, StreamHandlers } from '../../../src/ports/index.ts'
import { encodeFrame } from '../../../src/protocols/stomp/codec/index.ts'

const nothing: StreamHandlers = { onData() {}, onDrain() {}, onClose() {} }

/** A tap on a connection that swallows everything. */
function makeTap() {
  const written: Buffer[] = []
  const inner: StreamConnection = {
    remoteAddress: 'here',
    subprotocol: '',
    bytesQueued: 0,
    write: (bytes) => {
      written.push(bytes)
      return 'written'
    },
    pauseReading() {},
    resumeReading() {},
    end() {},
    destroy() {}
  }
  const sent: string[] = []
  const taken: string[] = []
  const tap = new ProducerTap(inner, '1.2', {
    onSent: ({ key }) => sent.push(key),
    onTaken: (key) => taken.push(key)
  })
  const send = (number: number, more: [string, string][] = []): void => {
    const headers: [string, string][] = [['destination', '/queue/q'], ...more]
    tap.write(encodeFrame('SEND', headers, { body: new BodyTemplate('p', 50).of(number) }))
  }
  const handlers = tap.listening(nothing)
  const answer = (id: string): void => handlers.onData(encodeFrame('RECEIPT', [['receipt-id', id]]))
  return { tap, send, answer, handlers, sent, taken, written }
}

test('a receipt speaks for all that was sent before it, and for nothing after', (t) => {
  const { send, answer, sent, taken, written } = makeTap()
  send(1)
  send(2, [['receipt', 'r2']])
  send(3)
  t.deepEqual(sent, ['p.1', 'p.2', 'p.3'])
  t.deepEqual(taken, [])
  answer('r2')
  t.deepEqual(taken, ['p.1', 'p.2'])
  t.is(written.length, 3)
})

test('a receipt nobody asked for says nothing', (t) => {
  const { send, answer, taken } = makeTap()
  send(1)
  answer('other')
  t.deepEqual(taken, [])
})

test('a message in a transaction counts as sent with its COMMIT, or not at all', (t) => {
  const { tap, send, answer, sent, taken } = makeTap()
  send(1, [['transaction', 'one']])
  send(2, [['transaction', 'two']])
  t.deepEqual(sent, [])
  tap.write(encodeFrame('ABORT', [['transaction', 'two']]))
  const receipt: [string, string] = ['receipt', 'done']
  tap.write(encodeFrame('COMMIT', [['transaction', 'one'], receipt]))
  t.deepEqual(sent, ['p.1'])
  answer('done')
  t.deepEqual(taken, ['p.1'])
})

test('what was written last is taken for taken only on a connection that stands', (t) => {
  const standing = makeTap()
  standing.send(1)
  standing.tap.confirmAll()
  t.deepEqual(standing.taken, ['p.1'])
  const gone = makeTap()
  gone.send(1)
  gone.handlers.onClose(undefined)
  gone.tap.confirmAll()
  t.deepEqual(gone.taken, [])
})
