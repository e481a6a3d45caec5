import test from 'ava'
import fc from 'fast-check'
import { BodyTemplate } from '../../../sim/workload/body-template.ts'
import { keyOf } from '../../../sim/workload/ledger.ts'
import { keyInBody, RecordIndex } from '../../../sim/workload/record-index.ts'

test('a key in bytes is the key in their text, and no key in neither', (t) => {
  const texts = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.stringMatching(/^[a-zA-Z0-9_@[`{-]{0,6}\.?[0-9a]{0,4}\.?x*$/),
    fc.constant(`${'p'.repeat(79)}.1.`)
  )
  fc.assert(
    fc.property(texts, fc.nat({ max: 5 }), (text, before) => {
      const body = Buffer.concat([Buffer.alloc(before, 'y'), Buffer.from(text, 'latin1')])
      const start = body.toString('latin1', before).slice(0, 80)
      t.is(keyInBody(body, before, body.length), keyOf(start))
    }),
    { numRuns: 1_000 }
  )
})

test('a record is found by its key and in a body, and by no other', (t) => {
  const index = new RecordIndex<string>()
  for (const key of ['p1.1', 'p1.12', 'p10.1', 'a-b_c.7']) index.set(key, `record of ${key}`)
  const bodyOf = (producer: string, number: number, bytes: number): string =>
    new BodyTemplate(producer, bytes).of(number).toString()
  const find = (body: string): string | undefined => {
    const bytes = Buffer.from(`..${body}`)
    return index.find(bytes, 2, bytes.length)
  }
  t.is(find(bodyOf('p1', 12, 100)), 'record of p1.12')
  t.is(find(bodyOf('p10', 1, 8)), 'record of p10.1')
  t.is(find(bodyOf('a-b_c', 7, 0)), 'record of a-b_c.7')
  for (const body of ['', 'p1', 'p1.', 'p1.1', 'p1.2.', 'p2.1.', 'p1.x.', 'P1.1.']) {
    t.is(find(body), undefined, body)
  }
  t.is(index.get('p1.12'), 'record of p1.12')
  for (const key of ['p1.2', 'p1.012', 'p1', '.1', 'p1.1.']) t.is(index.get(key), undefined, key)
})

test('records are kept in the order they came, one for each key', (t) => {
  const index = new RecordIndex<string>()
  for (const [key, value] of [
    ['b.2', 'first'],
    ['a.1', 'second'],
    ['b.1', 'third'],
    ['b.2', 'first again']
  ] as const) {
    index.set(key, value)
  }
  t.deepEqual([...index.values()], ['first again', 'second', 'third'])
  t.is(index.size, 3)
})
