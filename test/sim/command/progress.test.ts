import test from 'ava'
import { Progress, progressLine } from '../../../sim/command/progress.ts'

/** What was written to a stream. */
function stream(isTTY: boolean) {
  const written: string[] = []
  return { isTTY, columns: 40, written, write: (text: string) => written.push(text) }
}

/** Real time of these tests stands still. */
const nowMs = (): number => 5

const facts = { virtualMs: 30_000, events: 1_000, messages: 99 }

test('a line says how far a run is and how fast', (t) => {
  t.is(
    progressLine('x', { ...facts, totalMs: 60_000, realMs: 100 }),
    'x 50 %  30.0 s  300 times real time  10000 events/s  99 messages'
  )
  t.is(
    progressLine('x', { virtualMs: 90_000, messages: 1, totalMs: 60_000, realMs: 9 }).slice(0, 7),
    'x 100 %'
  )
})

test('real processes have no events and no other time', (t) => {
  t.is(
    progressLine('x', { virtualMs: 30_000, messages: 99, totalMs: 60_000, realMs: 30_000 }),
    'x 50 %  30.0 s  99 messages'
  )
})

test('on a terminal one line is drawn and taken away; it never wraps', (t) => {
  const terminal = stream(true)
  const progress = new Progress(terminal, { label: 'x', totalMs: 60_000, isAsked: false, nowMs })
  progress.show(facts)
  progress.show(facts)
  progress.end()
  t.is(terminal.written.length, 2)
  t.regex(terminal.written[0]!, /^\rx 50 % {2}30\.0 s/)
  t.true(terminal.written.every((text) => text.replaceAll('\r', '').length < 40))
  t.regex(terminal.written[1]!, /^\r +\r$/)
})

test('elsewhere there is nothing, or plain lines if they are asked for', (t) => {
  for (const isAsked of [false, true]) {
    const file = stream(false)
    const progress = new Progress(file, { label: 'x', totalMs: 60_000, isAsked, nowMs })
    progress.show(facts)
    progress.end()
    t.is(file.written.length, isAsked ? 1 : 0)
    if (isAsked) t.regex(file.written[0]!, /^x 50 %.*messages\n$/)
  }
})
