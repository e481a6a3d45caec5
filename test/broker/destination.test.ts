// Destinations are interned, and names are refused with the rule they break.

import test from 'ava'
import { isPostroadError } from '../../src/base/index.ts'
import {
  checkDestinationName,
  DestinationTable,
  destinationNameBytesMax
} from '../../src/broker/destination.ts'

test('the same kind and name is the same object', (t) => {
  const table = new DestinationTable()
  t.is(table.get('queue', 'orders.eu'), table.get('queue', 'orders.eu'))
  t.not(table.get('queue', 'orders.eu') as unknown, table.get('topic', 'orders.eu'))
  t.is(String(table.get('temp-queue', 'x.1')), 'temp-queue://x.1')
})

test('names of any script and sign are taken, but for what separates and matches', (t) => {
  for (const name of ['a', 'orders.eu', 'bestellungen.größe', '注文', 'a/b:c-d_e', 'a,b;c']) {
    t.notThrows(() => checkDestinationName(name, false))
  }
})

const refused: readonly (readonly [string, string])[] = [
  ['', 'is empty'],
  ['a..b', 'empty part'],
  ['.a', 'empty part'],
  ['a.', 'empty part'],
  ['a b', 'a space or a control character'],
  ['a\nb', 'a space or a control character'],
  ['a\u0000', 'a space or a control character'],
  ['a.*', 'holds a wildcard'],
  ['>', 'holds a wildcard'],
  ['a*.b', 'mixes a wildcard'],
  ['x'.repeat(destinationNameBytesMax + 1), 'longer than'],
  ['ö'.repeat(destinationNameBytesMax / 2 + 1), 'longer than']
]

for (const [name, why] of refused) {
  test(`refuses the name ${JSON.stringify(name.slice(0, 12))}, since it ${why}`, (t) => {
    const error = t.throws(() => new DestinationTable().get('queue', name))
    t.true(isPostroadError(error, 'LOCAL_DESTINATION_INVALID'))
    t.true(error?.message.includes(why), error?.message)
  })
}

test('a pattern may hold wildcards, with ">" in the last place only', (t) => {
  for (const pattern of ['*', '>', 'a.*.b', 'a.>', '*.>']) {
    t.notThrows(() => checkDestinationName(pattern, true))
  }
  t.throws(() => checkDestinationName('a.>.b', true), { message: /before its last part/ })
  t.throws(() => checkDestinationName('a.b*', true), { message: /stand alone/ })
})

test('a name of exactly the largest length is taken', (t) => {
  t.notThrows(() => checkDestinationName('x'.repeat(destinationNameBytesMax), false))
})
