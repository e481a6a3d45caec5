// A message's own header lines are read where they lie, and escapes come out as they went in.

import test from 'ava'
import fc from 'fast-check'
import { escapeHeader, unescapeHeader } from '../../src/broker/index.ts'
import { BrokerWorld } from '../support/broker-world.ts'

test('a header is found by its whole name, the first of several, and only among headers', (t) => {
  const world = new BrokerWorld()
  const message = world.aMessage({
    headers: 'colours:red,green\ncolour:blue\ncolour:grey\nempty:\nwith:a:colon\n',
    body: 'colour:body\n'
  })
  t.is(message.header('colour'), 'blue')
  t.is(message.header('colours'), 'red,green')
  t.is(message.header('empty'), '')
  t.is(message.header('with'), 'a:colon')
  for (const name of ['colou', 'colourss', 'our', 'Colour', 'body', '', 'grey']) {
    t.is(message.header(name), undefined, name)
  }
})

test('a header at the very end of its range does not run into what follows', (t) => {
  const world = new BrokerWorld()
  const message = world.aMessage()
  const chunk = Buffer.from('x:1\na:b:2\nc:3\n')
  message.headers = chunk
  message.headersStart = 4
  message.headersEnd = 7
  t.is(message.header('a'), 'b')
  t.is(message.header('x'), undefined)
  t.is(message.header('c'), undefined)
  message.headersEnd = 5
  t.is(message.header('a'), undefined)
})

test('any headers are read back as they were written, wherever they lie', (t) => {
  const text = fc.oneof(
    fc.stringMatching(/^[a-z:\\\n\ré☃ ]{0,12}$/),
    fc.string({ unit: 'grapheme', maxLength: 6 })
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text), { maxLength: 6 }),
      fc.uint8Array({ maxLength: 9 }),
      text,
      (pairs, around, other) => {
        const lines = pairs.map(([name, value]) => `${escapeHeader(name)}:${escapeHeader(value)}\n`)
        const headers = Buffer.from(lines.join(''))
        const message = new BrokerWorld().aMessage()
        message.headers = Buffer.concat([around, headers, around])
        message.headersStart = around.length
        message.headersEnd = around.length + headers.length
        for (const name of [...pairs.map(([each]) => each), other]) {
          const expected = pairs.find(([each]) => each === name)?.[1]
          t.is(message.header(name), expected)
        }
      }
    ),
    { numRuns: 500 }
  )
})

test('what is no escape is left as it is', (t) => {
  t.is(unescapeHeader('a\\tb\\x\\'), 'a\\tb\\x\\')
  t.is(unescapeHeader('\\\\n\\n\\c\\r'), '\\n\n:\r')
  t.is(escapeHeader('plain'), 'plain')
})
