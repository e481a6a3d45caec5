import test from 'ava'
import { PostroadError } from '../../../../src/base/index.ts'
import {
  encodeFrame,
  escapeValue,
  type StompCommand,
  stompVersions,
  unescapeValue
} from '../../../../src/protocols/stomp/codec/index.ts'

test('writes the bytes of the specification [STOMP 1.2 STOMP Frames]', (t) => {
  const headers = [
    ['destination', '/queue/a'],
    ['content-type', 'text/plain']
  ] as const
  t.is(
    encodeFrame('SEND', headers, { body: 'grüße' }).toString(),
    'SEND\ndestination:/queue/a\ncontent-type:text/plain\ncontent-length:7\n\ngrüße\0'
  )
  t.is(encodeFrame('SUBSCRIBE', new Map([['id', '0']])).toString(), 'SUBSCRIBE\nid:0\n\n\0')
})

test('an empty body is announced, so that the reader need not look for its end', (t) => {
  t.is(encodeFrame('MESSAGE', []).toString(), 'MESSAGE\ncontent-length:0\n\n\0')
  t.is(encodeFrame('ERROR', [], { body: '' }).toString(), 'ERROR\ncontent-length:0\n\n\0')
})

test('a content-length given as a header is left out for the true one', (t) => {
  const headers = [['content-length', '99']] as const
  t.is(encodeFrame('SEND', headers, { body: 'ab' }).toString(), 'SEND\ncontent-length:2\n\nab\0')
  t.is(encodeFrame('BEGIN', headers).toString(), 'BEGIN\n\n\0')
})

test('a binary body goes out as it is', (t) => {
  const body = Buffer.from([0, 255, 10, 0])
  const frame = encodeFrame('SEND', [], { body })
  t.deepEqual(frame.subarray(-5), Buffer.from([0, 255, 10, 0, 0]))
})

test('escapes names and values by version [STOMP 1.2 Value Encoding]', (t) => {
  const headers = [['a:b', 'c:d\n\\\r']] as const
  const lines = (version: '1.1' | '1.2') => encodeFrame('BEGIN', headers, { version }).toString()
  t.is(lines('1.2'), 'BEGIN\na\\cb:c\\cd\\n\\\\\\r\n\n\0')
  t.is(lines('1.1'), 'BEGIN\na\\cb:c\\cd\\n\\\\\r\n\n\0')
  const frame = encodeFrame('BEGIN', [['a', 'c:d\\n\r']], { version: '1.0' })
  t.is(frame.toString(), 'BEGIN\na:c:d\\n\r\n\n\0')
})

test('writes no escapes in CONNECT and CONNECTED, but in STOMP [STOMP 1.2 Value Encoding]', (t) => {
  const headers = [['passcode', 'a:b\\c']] as const
  for (const version of stompVersions) {
    t.is(encodeFrame('CONNECT', headers, { version }).toString(), 'CONNECT\npasscode:a:b\\c\n\n\0')
    t.is(
      encodeFrame('CONNECTED', headers, { version }).toString(),
      'CONNECTED\npasscode:a:b\\c\n\n\0'
    )
  }
  t.is(
    encodeFrame('STOMP', headers, { version: '1.0' }).toString(),
    'STOMP\npasscode:a\\cb\\\\c\n\n\0'
  )
})

const refused: readonly [string, StompCommand, readonly [string, string], '1.0' | '1.1' | '1.2'][] =
  [
    ['an empty name', 'SEND', ['', 'x'], '1.2'],
    ['a NUL in a value', 'SEND', ['a', 'x\0'], '1.2'],
    ['a NUL in a name', 'SEND', ['a\0', 'x'], '1.1'],
    ['a LF in a 1.0 value', 'SEND', ['a', 'x\ny'], '1.0'],
    ['a LF in a 1.0 name', 'SEND', ['a\n', 'x'], '1.0'],
    ['a colon in a 1.0 name', 'SEND', ['a:b', 'x'], '1.0'],
    ['a LF in a value of CONNECT', 'CONNECT', ['passcode', 'x\n'], '1.2'],
    ['a CR in a value of CONNECT', 'CONNECT', ['passcode', 'x\r'], '1.2'],
    ['a colon in a name of CONNECTED', 'CONNECTED', ['a:b', 'x'], '1.2']
  ]

for (const [what, command, header, version] of refused) {
  test(`refuses to write ${what}`, (t) => {
    const error = t.throws(() => encodeFrame(command, [header], { version }), {
      instanceOf: PostroadError
    })
    t.is(error?.code, 'LOCAL_FRAME_INVALID')
    t.true(error?.message.startsWith(`header ${JSON.stringify(header[0])} with value `))
  })
}

test('refuses to write a body where there may be none [STOMP 1.2 Body]', (t) => {
  const error = t.throws(() => encodeFrame('ACK', [], { body: 'x' }), { instanceOf: PostroadError })
  t.is(error?.code, 'LOCAL_FRAME_INVALID')
  t.is(error?.message, 'frame ACK has a body of 1 bytes, but only SEND, MESSAGE and ERROR may')
})

test('escapes and unescapes a text by version', (t) => {
  const text = 'a:b\\c\nd\re'
  t.is(escapeValue(text, '1.0'), text)
  t.is(escapeValue(text, '1.1'), 'a\\cb\\\\c\\nd\re')
  t.is(escapeValue(text, '1.2'), 'a\\cb\\\\c\\nd\\re')
  for (const version of stompVersions)
    t.is(unescapeValue(escapeValue(text, version), version), text)
})

test('an escaped backslash does not escape what follows it', (t) => {
  t.is(unescapeValue('\\\\n', '1.2'), '\\n')
  t.is(unescapeValue('\\\\\\n', '1.1'), '\\\n')
})

test('what is no escape of the version is left as it is', (t) => {
  t.is(unescapeValue('\\r\\t\\', '1.1'), '\\r\\t\\')
  t.is(unescapeValue('\\t', '1.2'), '\\t')
  t.is(unescapeValue('\\n', '1.0'), '\\n')
})
