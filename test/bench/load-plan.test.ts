// Who sends to and receives from which destination, and what a measured message carries.

import test from 'ava'
import fc from 'fast-check'

import { command, FrameScanner } from '../../bench/load-client/frame-scanner.ts'
import {
  consumerDestinations,
  dealDestinations,
  type LoadPlan,
  streamCount
} from '../../bench/load-client/load-plan.ts'
import {
  markSentAtMs,
  markSequence,
  markStream,
  writeMark
} from '../../bench/load-client/message-mark.ts'
import { SendBlock } from '../../bench/load-client/send-block.ts'

const plan: LoadPlan = {
  destinations: ['/queue/a', '/queue/b', '/queue/c'],
  everyConsumerGetsAll: false,
  producers: 2,
  consumers: 2,
  bodyBytes: 1024,
  ratePerSecond: 0,
  receiptWindow: 0,
  ackMode: 'auto',
  persistent: false,
  latencySamplesMax: 0
}

test('many destinations are dealt out, few are shared', (t) => {
  t.deepEqual(dealDestinations(2, 4), [
    [0, 2],
    [1, 3]
  ])
  t.deepEqual(dealDestinations(3, 1), [[0], [0], [0]])
  t.deepEqual(dealDestinations(3, 2), [[0], [1], [0]])
})

test('every connection gets work and every destination is served', (t) => {
  const counts = fc.integer({ min: 1, max: 40 })
  const property = fc.property(counts, counts, (connections, destinations) => {
    const dealt = dealDestinations(connections, destinations)
    const isBusy = dealt.length === connections && dealt.every((each) => each.length > 0)
    return isBusy && new Set(dealt.flat()).size === destinations
  })
  fc.assert(property)
  t.pass()
})

test('consumers of topics get every destination, those of queues a share', (t) => {
  t.deepEqual(consumerDestinations(plan), [[0, 2], [1]])
  t.deepEqual(consumerDestinations({ ...plan, everyConsumerGetsAll: true }), [
    [0, 1, 2],
    [0, 1, 2]
  ])
  t.is(streamCount(plan), 6)
})

test('a mark reads back as it was written', (t) => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
  const time = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
  const property = fc.property(u32, u32, time, fc.nat(9), (stream, sequence, sentAtMs, at) => {
    const bytes = Buffer.alloc(30)
    writeMark(bytes, at, { stream, sequence, sentAtMs })
    return (
      markStream(bytes, at) === stream &&
      markSequence(bytes, at) === sequence &&
      markSentAtMs(bytes, at) === sentAtMs
    )
  })
  fc.assert(property)
  t.pass()
})

test('a block holds whole SEND frames to its destinations in turn', (t) => {
  const targets = [
    { destination: '/queue/a', stream: 4 },
    { destination: '/queue/bcd', stream: 5 }
  ]
  const block = new SendBlock({ targets, bodyBytes: 1024, persistent: true, receipts: true })
  block.stamp(1, 77, 12.5)
  block.stampReceipt(1, 1234)
  const scanner = new FrameScanner()
  scanner.feed(block.bytes)
  let frames = 0
  while (scanner.next()) {
    const { bytes, bodyStart } = scanner
    t.is(scanner.commandByte, command.send)
    t.is(scanner.bodyEnd - bodyStart, 1024)
    t.is(markStream(bytes, bodyStart), targets[frames % 2]!.stream)
    t.is(block.targetOf(frames), frames % 2)
    if (frames === 1) {
      const head = bytes.toString('latin1', scanner.start, bodyStart)
      t.regex(head, /\ndestination:\/queue\/bcd\n/)
      t.regex(head, /\npersistent:true\n/)
      t.regex(head, /\nreceipt:0000001234\n/)
      t.is(markSequence(bytes, bodyStart), 77)
      t.is(markSentAtMs(bytes, bodyStart), 12.5)
    }
    t.deepEqual(block.range(frames, frames + 1), bytes.subarray(scanner.start, scanner.bodyEnd + 1))
    frames++
  }
  t.is(frames, block.frames)
})

test('refuses a body too short for the mark', (t) => {
  const targets = [{ destination: '/queue/a', stream: 0 }]
  const options = { targets, bodyBytes: 15, persistent: false, receipts: false }
  t.throws(() => new SendBlock(options), { instanceOf: RangeError, message: /at least 16/ })
})
