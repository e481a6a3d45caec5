import test from 'ava'
import { readAdminRequest, requestBytesMax } from '../../src/admin/admin-request.ts'
import { statusParts } from '../../src/admin/index.ts'

const read = (text: string) => readAdminRequest(Buffer.from(text))

test('a status request without parts is for all of them', (t) => {
  const request = read('{"command":"status"}')
  t.deepEqual(request, { command: 'status', parts: new Set(statusParts) })
})

test('a status request may name its parts', (t) => {
  const request = read('{"command":"status","parts":["queues","bridges"]}')
  t.deepEqual(request, { command: 'status', parts: new Set(['queues', 'bridges']) })
})

const faulty: readonly (readonly [string, string, RegExp])[] = [
  ['no JSON', 'status please', /is not JSON .* send for example \{"command":"status"\}/],
  ['an empty body', '', /is not JSON/],
  ['a list', '["status"]', /must be a JSON object/],
  ['null', 'null', /must be a JSON object/],
  [
    'an unknown command',
    '{"command":"reboot"}',
    /command "reboot" is unknown; known are status, dead-letters/
  ],
  ['no command', '{}', /command undefined is unknown/],
  [
    'parts that are no list',
    '{"command":"status","parts":"queues"}',
    /parts "queues" must be a list/
  ],
  [
    'an unknown part',
    '{"command":"status","parts":["queue"]}',
    /part "queue" is unknown; known are/
  ]
]

for (const [what, text, expected] of faulty) {
  test(`${what} is answered with what is wrong`, (t) => {
    const request = read(text)
    t.is(request.command, 'invalid')
    if (request.command === 'invalid') t.regex(request.error, expected)
  })
}

test('a body over the limit is refused unread', (t) => {
  const fits = JSON.stringify({ command: 'status', padding: 'x'.repeat(requestBytesMax - 100) })
  t.is(read(fits).command, 'status')
  const request = read(`${fits}${' '.repeat(200)}`)
  t.is(request.command, 'invalid')
  if (request.command === 'invalid') t.regex(request.error, /at most 65536 bytes/)
})
