// What a whole broker does with facts it cannot believe: about itself, about brokers nobody knows,
// and against the rules. A puppet says them. The marks show that each takes the branch it is about.

import test from 'ava'
import { marksHit, type RecoveryMark, resetMarks } from '../../src/base/index.ts'
import {
  demandFrame,
  demandRequestFrame,
  digestFrame,
  recordFrame
} from '../../src/network/bridge-protocol/index.ts'
import { BridgePuppet } from '../support/bridge-puppet.ts'
import { BrokerNetwork } from '../support/broker-network.ts'

test.beforeEach(() => resetMarks())

/** A broker m in a network of its own, and a puppet a bridged to it. */
function opened(filter: readonly string[] = []) {
  const ground = new BrokerNetwork()
  const member = ground.add('m')
  const { transport } = ground.wires.host('a')
  const world = { transport: () => transport, run: (spanMs: number) => ground.run(spanMs) }
  const puppet = new BridgePuppet('a').dial(world, 61_617, 'm')
  puppet.sayHello({ network: 'test', include: filter })
  ground.run(10)
  if (filter.length === 0) puppet.sayStart(0)
  ground.run(10)
  return { ground, member, puppet }
}

function isHit(...names: readonly RecoveryMark[]): boolean {
  return names.every((name) => marksHit().some(([hit]) => hit === name))
}

const record = { sequence: 1, isTransit: true, bridges: [] }

test.serial('a broker whose filter breaks the rules is refused', (t) => {
  const { member, puppet } = opened(['orders'])
  t.is(puppet.refusal?.code, 'protocol-error')
  t.deepEqual(member.peers(), [])
  t.true(isHit('greeting-filter-invalid'))
})

test.serial('a record that breaks a rule is not kept, and the bridge stands', (t) => {
  const { ground, member, puppet } = opened()
  const toItself = { peer: 'x', cost: 1, sends: true, filter: undefined }
  puppet.say(recordFrame, {
    ...record,
    ...{ broker: 'x', brokerId: 'id-x', incarnation: 1, bridges: [toItself] }
  })
  ground.run(10)
  t.is(member.network.map.record('x'), undefined)
  t.deepEqual(member.peers(), ['a'])
  t.true(isHit('map-record-refused'))
})

test.serial('a record about ourselves that is ahead of us is outdone, and a copy is told', (t) => {
  const { ground, member, puppet } = opened()
  for (const incarnation of [7, 9, 11]) {
    puppet.say(recordFrame, { ...record, broker: 'm', brokerId: 'id-m', incarnation })
    ground.run(10)
    const { ownRecord } = member.network.map
    t.true(ownRecord.incarnation >= incarnation && ownRecord.bridges.length === 1)
  }
  t.is(member.logger.lines.filter(({ event }) => event === 'cloned-broker').length, 1)
  t.deepEqual(member.peers(), ['a'])
  t.true(isHit('map-own-record-from-the-future', 'map-broker-cloned'))
})

test.serial('a trace of an earlier broker of our name costs us nothing', (t) => {
  const { ground, member, puppet } = opened()
  puppet.say(recordFrame, { ...record, broker: 'm', brokerId: 'other', incarnation: 0 })
  ground.run(10)
  t.is(member.network.map.record('m')?.brokerId, 'id-m')
  t.deepEqual(member.peers(), ['a'])
  t.true(isHit('map-name-was-of-another'))
})

test.serial('demand with an entry that breaks a rule is not kept', (t) => {
  const { ground, member, puppet } = opened()
  const entries = [{ kind: 'queue', pattern: 'q', weight: 17 }] as const
  puppet.say(demandFrame, { broker: 'a', incarnation: 1, version: 1, entries })
  ground.run(10)
  t.is(member.network.demand.version('a'), undefined)
  t.deepEqual(member.peers(), ['a'])
  t.true(isHit('demand-snapshot-invalid', 'demand-snapshot-refused'))
})

test.serial('whoever asks for demand nobody knows gets no answer', (t) => {
  const { ground, member, puppet } = opened()
  const before = puppet.heard.filter((name) => name === 'DEMAND').length
  puppet.say(demandRequestFrame, 'nobody')
  ground.run(10)
  t.is(puppet.heard.filter((name) => name === 'DEMAND').length, before)
  t.deepEqual(member.peers(), ['a'])
  t.true(isHit('demand-asked-in-vain'))
})

test.serial('demand of ours that is ahead of us is outdone', (t) => {
  const { ground, member, puppet } = opened()
  member.subscribe()
  ground.run(50)
  const demands = [{ broker: 'm', incarnation: 3, version: 40 }]
  puppet.say(digestFrame, { records: [], demands })
  ground.run(10)
  const { incarnation, version } = member.network.localDemand.snapshot()
  t.deepEqual([incarnation, version], [3, 41])
  t.true(puppet.heard.includes('DEMAND'))
  t.true(isHit('demand-own-outranked'))
})

test.serial('demand of a broker nobody has a record of is dropped at the next repair', (t) => {
  const { ground, member, puppet } = opened()
  const entries = [{ kind: 'queue', pattern: 'q', weight: 1 }] as const
  puppet.say(demandFrame, { broker: 'ghost', incarnation: 1, version: 1, entries })
  ground.run(10)
  t.not(member.network.demand.version('ghost'), undefined)
  ground.run(12_000)
  t.is(member.network.demand.version('ghost'), undefined)
  t.true(isHit('demand-without-broker-dropped'))
})
