import test from 'ava'
import fc from 'fast-check'
import { crashSteps } from '../../../sim/plan/index.ts'
import { type FaultKind, faultKinds } from '../../../sim/scenario-file/fault-kinds.ts'
import {
  type Fault,
  formatFault,
  isMistake,
  type Mistake,
  readFault
} from '../../../sim/scenario-file/fault-text.ts'
import {
  bandwidth,
  clockStep,
  factor,
  ratePerMinute,
  ratePerSecond
} from '../../../sim/scenario-file/measures.ts'

const nameArbitrary = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/)
const pairArbitrary = fc.tuple(nameArbitrary, nameArbitrary).map((pair) => pair.join(':'))
const groupsArbitrary = fc
  .array(fc.array(nameArbitrary, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 })
  .map((groups) => groups.map((group) => group.join(',')).join('/'))

const targets = {
  broker: nameArbitrary,
  client: nameArbitrary,
  link: pairArbitrary,
  way: pairArbitrary,
  groups: groupsArbitrary
}

/** Amounts as somebody may write them. */
function amountArbitrary({ name, measure, word }: FaultKind): fc.Arbitrary<number | undefined> {
  if (word === 'step') return fc.option(fc.integer({ min: 100, max: 600_000 }), { nil: undefined })
  if (measure === undefined) return fc.constant(undefined)
  if (measure === clockStep) {
    return fc.integer({ min: -86_400_000, max: 86_400_000 }).filter((ms) => ms !== 0)
  }
  if (name === 'flap' || name === 'delay' || name === 'disk-slow')
    return fc.integer({ min: 20, max: 60_000 })
  const unit = measure.example.replace(/^[\d.]+/, '')
  return fc
    .tuple(fc.integer({ min: 1, max: 6_000 }), fc.integer({ min: 0, max: 999 }))
    .map(([whole, part]) => measure.read(`${whole}.${part}${unit}`))
    .filter((amount) => amount !== undefined)
}

function faultArbitrary(kind: FaultKind): fc.Arbitrary<Fault> {
  const leaving = fc.constantFrom('orderly', 'abrupt')
  return fc
    .record({
      kind: fc.constant(kind.name as Fault['kind']),
      target: targets[kind.target],
      times: fc.tuple(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.boolean()
      ),
      amount: amountArbitrary(kind),
      place: kind.word === 'place' ? nameArbitrary : fc.constant(undefined),
      leaving: isOnClient(kind) ? leaving : fc.constant('orderly' as const),
      step: fc.constantFrom(...crashSteps)
    })
    .map(({ times: [fromMs, spanMs, isOpen], step, ...others }): Fault => {
      const rest = kind.word === 'step' ? { ...others, step } : others
      const hasEnd = kind.time === 'span' || (kind.time === 'either' && !isOpen)
      return { ...rest, fromMs, toMs: hasEnd ? fromMs + spanMs : undefined } as Fault
    })
}

function isOnClient({ word }: FaultKind): boolean {
  return word === 'place' || word === 'leaving'
}

for (const kind of faultKinds.values()) {
  test(`a ${kind.name} that is written reads the same`, (t) => {
    fc.assert(
      fc.property(faultArbitrary(kind), (fault) => {
        t.deepEqual(readFault(fault.kind, formatFault(fault)), fault)
      }),
      { numRuns: 100 }
    )
  })

  test(`the example of ${kind.name} is one`, (t) => {
    const fault = readFault(kind.name as Fault['kind'], kind.example)
    t.false(isMistake(fault))
    t.is(formatFault(fault as Fault), kind.example)
  })
}

test('whatever is written, reading it answers with a fault or a sentence', (t) => {
  const names = [...faultKinds.keys()]
  const written = fc.oneof(fc.string(), fc.stringMatching(/^[a-c:,/@=.0-9msx-]{0,30}$/))
  fc.assert(
    fc.property(fc.constantFrom(...names), written, (name, text) => {
      const read = readFault(name, text)
      if (isMistake(read)) t.true(read.message.length > 10)
      else t.deepEqual(readFault(name, formatFault(read)), read)
    })
  )
})

const wrong: readonly (readonly [Fault['kind'], string, string, string])[] = [
  ['kill', 'hub-1', '"hub-1" says not when: a fault is BROKER@FROM[..TO]', 'kill: hub-1@10s..40s'],
  ['kill', 'hub-1@', 'a time is missing', 'a whole number with ms'],
  ['kill', 'hub-1@10', '"10" in "hub-1@10" has no unit', 'did you mean 10s?'],
  ['kill', 'hub-1@1.5s', '"1.5s" in "hub-1@1.5s" is not a time', 'did you mean 1500ms?'],
  ['kill', 'hub-1@40s..10s', 'runs backwards', 'did you mean 10s..40s?'],
  ['kill', 'hub-1@10s..10s', 'is empty', 'let it end later'],
  ['kill', 'hub-1@10s=3', 'has a value, but kill takes none', 'write kill: hub-1@10s'],
  ['kill', 'hub-1@25h', 'is too late', '24h at most'],
  ['restart', 'hub-1@10s..20s', 'happens at one time', 'write restart: hub-1@10s'],
  ['flap', 'a:b@10s=1s', 'has no end; flap needs FROM..TO', 'flap: hub-1:spoke-1@10s..50s=2s'],
  ['slow', 'a@10s..20s', 'must be a factor such as 20x', 'such as hub-1@10s..20s=20x'],
  ['slow', 'a@10s..20s=20', 'must be a factor such as 20x', 'did you mean 20x?'],
  ['throttle', 'a:b@1s..2s=64k', 'must be a bandwidth', 'did you mean 64kbit/s?'],
  ['throttle', 'a:b@1s..2s=2Mbps', 'must be a bandwidth', 'did you mean 2Mbit/s?'],
  ['delay', 'a:b@1s..2s=200', 'must be a duration', 'did you mean 200ms?'],
  ['resets', 'a:b@1s..2s=6/minute', 'must be a rate', 'did you mean 6/min?'],
  ['clock-step', 'a@1s=1h', 'must be a step such as +1h', 'did you mean +1h?'],
  ['kill-at', 'a@1s', 'says not at which step', 'steps are store-begun, store-committed'],
  ['kill-at', 'a@1s=stored', '"stored" is no step', 'steps are store-begun, store-committed'],
  ['kill-at', 'a@1s..9s=sent,2', '"2" in "a@1s..9s=sent,2" must be a duration', ''],
  ['kill-at', 'a@1s..9s=sent,2s,3s', '"2s,3s" in', ''],
  ['disk-slow', 'a@1s..2s=500', 'must be a duration', 'did you mean 500ms?'],
  ['roll-back', 'a@10s', 'has no end; roll-back needs FROM..TO', 'roll-back: hub-1@10s..20s'],
  ['move', 'c1@10s', 'says not where to', 'write move: c1@10s=BROKER'],
  ['move', 'c1@10s=b,rudely', '"rudely"', ''],
  ['leave', 'c1@10s=rudely', '"rudely" in "c1@10s=rudely" must be orderly or abrupt', '']
]

for (const [kind, written, message, suggestion] of wrong) {
  test(`${kind}: ${written} is answered with what is wrong and what to do`, (t) => {
    const read = readFault(kind, written)
    t.true(isMistake(read))
    const mistake = read as Mistake
    t.true(mistake.message.includes(message), mistake.message)
    t.true((mistake.suggestion ?? '').includes(suggestion), mistake.suggestion)
  })
}

for (const [name, measure] of Object.entries({ ratePerSecond, ratePerMinute, bandwidth, factor })) {
  test(`a ${name} reads what it writes`, (t) => {
    t.is(measure.write(measure.read(measure.example)!), measure.example)
    for (const written of ['', '1', '-1/s', '1e9/s', '1 /s', '99999999999Gbit/s', '0x']) {
      t.is(measure.read(written), undefined, written)
    }
  })
}
