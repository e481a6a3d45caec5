import test from 'ava'
import {
  heartBeatBytes,
  negotiateVersion,
  parseHeartBeat
} from '../../../../src/protocols/stomp/codec/index.ts'

test('chooses the highest version in common [STOMP 1.2 Protocol Negotiation]', (t) => {
  t.is(negotiateVersion('1.0,1.1,2.0'), '1.1')
  t.is(negotiateVersion('1.2'), '1.2')
  t.is(negotiateVersion('1.1,1.2,1.0'), '1.2')
  t.is(negotiateVersion('1.0,1.1,1.2', ['1.0', '1.1']), '1.1')
})

test('a client without accept-version speaks 1.0 [STOMP 1.2 Protocol Negotiation]', (t) => {
  t.is(negotiateVersion(undefined), '1.0')
  t.is(negotiateVersion(undefined, ['1.1', '1.2']), undefined)
})

test('no version in common is undefined', (t) => {
  t.is(negotiateVersion('2.0'), undefined)
  t.is(negotiateVersion(''), undefined)
  t.is(negotiateVersion('1'), undefined)
  t.is(negotiateVersion('1.2', []), undefined)
})

test('spaces and empty entries in accept-version do no harm', (t) => {
  t.is(negotiateVersion(' 1.0 , 1.1,, '), '1.1')
})

test('reads a heart-beat header [STOMP 1.2 Heart-beating]', (t) => {
  t.deepEqual(parseHeartBeat('10000,0'), { sendMs: 10_000, receiveMs: 0 })
  t.deepEqual(parseHeartBeat('4000, 5000'), { sendMs: 4_000, receiveMs: 5_000 })
  t.deepEqual(parseHeartBeat('2147483647,1'), { sendMs: 2_147_483_647, receiveMs: 1 })
})

test('a missing heart-beat header means 0,0 [STOMP 1.2 Heart-beating]', (t) => {
  t.deepEqual(parseHeartBeat(undefined), { sendMs: 0, receiveMs: 0 })
})

test('a heart-beat that is not two numbers a timer can wait is undefined', (t) => {
  for (const text of ['', '5', '5,', ',5', '-1,5', '1.5,2', '1,2,3', 'a,b', '2147483648,0']) {
    t.is(parseHeartBeat(text), undefined, text)
  }
  t.is(parseHeartBeat('0,99999999999999999999'), undefined)
})

test('a heart-beat is one LF [STOMP 1.2 Heart-beating]', (t) => {
  t.deepEqual([...heartBeatBytes], [10])
})
