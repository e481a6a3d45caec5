import test from 'ava'
import { FlowLedger, lostAfterMs } from '../../src/cli/traffic/flow-ledger.ts'

test('what was sent is under way until it arrives', (t) => {
  const flow = new FlowLedger(true)
  flow.sent(1, 0)
  flow.sent(2, 0)
  t.is(flow.missing, 2)
  flow.arrived(2)
  t.is(flow.missing, 1)
  t.is(flow.received, 1)
  flow.arrived(1)
  t.is(flow.missing, 0)
  t.is(flow.due, 2)
})

test('a second copy counts as doubled and not as received', (t) => {
  const flow = new FlowLedger(true)
  flow.sent(1, 0)
  flow.arrived(1)
  flow.arrived(1)
  t.is(flow.received, 1)
  t.is(flow.duplicated, 1)
})

test('a message is lost when it is overdue, and not once it comes after all', (t) => {
  const flow = new FlowLedger(true)
  flow.sent(1, 0)
  flow.sent(2, 5_000)
  t.is(flow.lost(lostAfterMs - 1), 0)
  t.is(flow.lost(lostAfterMs), 1)
  flow.arrived(1)
  t.is(flow.lost(lostAfterMs), 0)
  t.is(flow.received, 1)
})

test('what is sent while nobody is known to listen is not due', (t) => {
  const flow = new FlowLedger(false)
  flow.sent(1, 0)
  t.is(flow.due, 0)
  flow.isListening = true
  flow.sent(2, 0)
  t.is(flow.due, 1)
  flow.arrived(1)
  t.is(flow.received, 0)
  t.is(flow.missing, 1)
})

test('a message not known to be taken is due no longer, unless it arrived', (t) => {
  const flow = new FlowLedger(true)
  flow.sent(1, 0)
  flow.sent(2, 0)
  flow.arrived(2)
  flow.forget(1)
  flow.forget(2)
  t.is(flow.due, 1)
  t.is(flow.received, 1)
  t.is(flow.missing, 0)
})
