import test from 'ava'
import { InvalidArgumentError } from 'commander'
import { LineSplitter } from '../../src/cli/line-splitter.ts'
import { LiveTerminal } from '../../src/cli/live-terminal.ts'
import { bodyMaker } from '../../src/cli/message-body.ts'
import { messageJson, messageText } from '../../src/cli/message-text.ts'
import { duration, header, stompUri, wholeNumber } from '../../src/cli/option-readers.ts'
import { bytesText, countText, timeText } from '../../src/cli/quantity-text.ts'
import { parseReadyLine, readyLine } from '../../src/cli/ready-line.ts'
import { brokerOfSession } from '../../src/cli/status/status-command.ts'
import { textTable } from '../../src/cli/text-table.ts'

test('quantities are short and have their unit', (t) => {
  t.deepEqual([0, 1023, 1024, 1536, 200 * 1024, 5 * 1024 ** 3].map(bytesText), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '200 KiB',
    '5.0 GiB'
  ])
  t.deepEqual([3, 1_000, 200_000, 25_620_000, 183_600_000].map(timeText), [
    '3 ms',
    '1 s',
    '3 m 20 s',
    '7 h 7 m',
    '2 d 3 h'
  ])
  t.deepEqual([0, 999, 1_000, 1_234_567, 12.6].map(countText), [
    '0',
    '999',
    '1,000',
    '1,234,567',
    '13'
  ])
})

test('a table aligns words to the left and numbers to the right', (t) => {
  const rows = [
    ['orders', '1,200', 5],
    ['x', '7', 12]
  ]
  t.deepEqual(textTable(['queue', 'ready', 'in'], rows, 'none'), [
    '  queue   ready  in',
    '  orders  1,200   5',
    '  x           7  12'
  ])
  t.deepEqual(textTable(['queue'], [], 'none'), ['  none'])
})

test('lines are found however the stream is cut, and long ones do not gather', (t) => {
  const lines: string[] = []
  const splitter = new LineSplitter((line) => lines.push(line))
  const bytes = Buffer.from('one\r\nzwö\n\nrest')
  for (let i = 0; i < bytes.length; i += 1) splitter.push(bytes.subarray(i, i + 1))
  t.deepEqual(lines, ['one', 'zwö', ''])
  splitter.end()
  t.is(lines.at(-1), 'rest')
  for (let i = 0; i < 100; i += 1) splitter.push(Buffer.alloc(1_000, 'x'))
  t.true(lines.at(-1)!.length > 60_000)
})

test('the ready line of one broker is read back, and no other line is', (t) => {
  const a = { name: 'a', uris: ['stomp://127.0.0.1:1', 'postroad://127.0.0.1:2'] }
  t.is(readyLine([a]), 'ready a stomp://127.0.0.1:1 postroad://127.0.0.1:2')
  t.deepEqual(parseReadyLine(readyLine([a])), a)
  t.is(parseReadyLine('already a'), undefined)
  t.is(readyLine([a, { name: 'b', uris: ['stomp://c:3'] }]).split('\n').length, 1)
})

test('option values are read, and bad ones are answered with what is expected', (t) => {
  t.is(wholeNumber(-5, 5)('-5'), -5)
  for (const text of ['6', '1.5', '', 'x', '1e0']) {
    const error = t.throws(() => wholeNumber(-5, 5)(text))
    t.true(error instanceof InvalidArgumentError)
    t.regex(error.message, /whole number from -5 to 5/)
  }
  t.is(duration('5s'), 5_000)
  for (const text of ['0', '5 s', 'soon']) t.throws(() => duration(text))
  t.is(stompUri('stomp+ws://h:80/x').path, '/x')
  for (const text of ['postroad://h:1', 'stomp://h', 'stomp://h:0', 'h:1']) {
    t.throws(() => stompUri(text), { message: /such as stomp:\/\/127\.0\.0\.1:61613/ })
  }
  t.deepEqual(header('b:2:3', header('a:1')), [
    ['a', '1'],
    ['b', '2:3']
  ])
  for (const text of [':x', 'x']) t.throws(() => header(text))
})

test('a body is numbered where it says so, and padded to its size', (t) => {
  const numbered = bodyMaker({ text: 'n {n}/{n}', file: undefined, bytesMin: 8 })
  t.is(numbered.make(12).toString(), 'n 12/12x')
  const plain = bodyMaker({ text: 'x', file: undefined, bytesMin: 0 })
  t.is(plain.make(1), plain.make(2))
  t.is(bodyMaker({ text: undefined, file: undefined, bytesMin: 3 }).make(1).length, 3)
  t.throws(() => bodyMaker({ text: undefined, file: '/no/such/file', bytesMin: 0 }), {
    message: /cannot read body file "\/no\/such\/file"/
  })
})

const message = {
  subscription: '1',
  destination: '/queue/x',
  messageId: 'm',
  ackId: undefined,
  headers: [
    ['a', '1'],
    ['a', '2']
  ] as const,
  body: Buffer.from('hello')
}

test('a message is shown in the parts asked for', (t) => {
  t.is(String(messageText(message, 'body')), 'hello\n')
  t.is(String(messageText(message, 'headers')), 'a: 1\na: 2\n\n')
  t.is(String(messageText(message, 'both')), 'a: 1\na: 2\n\nhello\n\n')
  t.is(String(messageText(message, 'none')), '')
})

test('a message in JSON keeps the first of repeated headers, and bytes that are no text', (t) => {
  const parsed = JSON.parse(messageJson(message))
  t.deepEqual(parsed, {
    destination: '/queue/x',
    messageId: 'm',
    headers: { a: '1' },
    body: 'hello'
  })
  const binary = JSON.parse(messageJson({ ...message, body: Buffer.from([0xff, 0]) }))
  t.is(binary.bodyBase64, '/wA=')
  t.false('body' in binary)
})

test("a broker's name is read from the name of its session", (t) => {
  t.is(brokerOfSession('a-17'), 'a')
  t.is(brokerOfSession('spoke-1-2'), 'spoke-1')
})

test('lines scroll above the live view, which is drawn anew and never wraps', (t) => {
  let written = ''
  const stream = (isTTY: boolean) =>
    ({
      isTTY,
      columns: 10,
      rows: 3,
      write: (text: string) => {
        written += text
      }
    }) as never
  const live = new LiveTerminal({ stdout: stream(true), stderr: stream(true) })
  live.show(['a long line of the view', 'two', 'three'])
  t.is(written, 'a long li\ntwo\n')
  written = ''
  live.line('stdout', 'news')
  t.is(written, '\u001b[2A\r\u001b[Jnews\na long li\ntwo\n')
  written = ''
  const plain = new LiveTerminal({ stdout: stream(false), stderr: stream(true) })
  plain.show(['view'])
  plain.line('stdout', 'news')
  t.is(written, 'news\n')
})
