import test from 'ava'
import {
  defaultStompCodecLimits,
  type StompFrameView,
  StompParser,
  type StompVersion
} from '../../../../src/protocols/stomp/codec/index.ts'

function view(text: string, version: StompVersion = '1.2'): StompFrameView {
  const parser = new StompParser(defaultStompCodecLimits, version)
  parser.push(Buffer.from(text))
  if (parser.next() !== 'frame') throw new Error(parser.fault?.detail ?? 'no frame')
  return parser.frame
}

test('the first of repeated headers counts [STOMP 1.2 Repeated Header Entries]', (t) => {
  const frame = view('MESSAGE\nfoo:World\nfoo:Hello\n\n\0')
  t.is(frame.get('foo'), 'World')
  t.deepEqual(frame.entries(), [
    ['foo', 'World'],
    ['foo', 'Hello']
  ])
})

test('an absent header is undefined, an empty one is empty', (t) => {
  const frame = view('SEND\nempty:\n\n\0')
  t.is(frame.get('empty'), '')
  t.is(frame.get('absent'), undefined)
  t.true(frame.has('empty'))
  t.false(frame.has('absent'))
  t.is(frame.find('absent'), -1)
})

test('header names are case sensitive and match whole [STOMP 1.2 STOMP Frames]', (t) => {
  const frame = view('SEND\nReceipt:1\nreceipt-id:2\nreceip:3\n\n\0')
  t.false(frame.has('receipt'))
  t.is(frame.get('receipt-id'), '2')
})

test('finds a header by a name that is escaped on the wire', (t) => {
  const frame = view('SEND\na\\cb:1\nplain:2\n\n\0')
  t.is(frame.get('a:b'), '1')
  t.is(frame.get('a\\cb'), undefined, 'the raw spelling is not the name')
  t.is(frame.get('plain'), '2')
})

test('the first occurrence counts among escaped and plain spellings of one name', (t) => {
  t.is(view('SEND\na\\\\:1\na:2\na\\\\:3\n\n\0').get('a\\'), '1')
})

test('finds a header by a name beyond ASCII, and not by one that shares its bytes', (t) => {
  const frame = view('SEND\nstraße:1\n\n\0')
  t.is(frame.get('straße'), '1')
  t.false(frame.has('straÃ\u009fe'), 'its UTF-8 bytes read as latin1')
})

test('an unescaped name stays findable while values have escapes', (t) => {
  const frame = view('ACK\nid:ID\\chost\\c1\ntransaction:t\n\n\0')
  t.is(frame.get('id'), 'ID:host:1')
  t.is(frame.get('transaction'), 't')
  t.false(frame.hasEscapesInNames)
})

test('a backslash in a 1.0 name is part of it', (t) => {
  t.is(view('SEND\na\\c:1\n\n\0', '1.0').get('a\\c'), '1')
})

test('the body reads as UTF-8 text', (t) => {
  t.is(view('SEND\ncontent-length:7\n\ngrü\0ß\0').bodyText(), 'grü\0ß')
})

test('a view shows nothing of the frame before', (t) => {
  const parser = new StompParser(defaultStompCodecLimits)
  parser.push(Buffer.from('SEND\r\na\\c:1\r\ncontent-length:1\r\n\r\nx\0ERROR\nb:2\n\n\0'))
  parser.next()
  parser.next()
  const { frame } = parser
  t.deepEqual(frame.entries(), [['b', '2']])
  t.is(frame.command, 'ERROR')
  t.is(frame.bodyEnd - frame.bodyStart, 0)
  t.false(frame.hasEscapes || frame.hasEscapesInNames)
  t.false(frame.hasCarriageReturns || frame.hasContentLength || frame.hasPadding)
})
