// A rehearsal as the text of a scenario file that reads to the same rehearsal. Nothing is left to
// defaults that the command line may have set; what nobody said is left out.

import { stringify } from 'yaml'
import { formatByteSize } from '../../src/config/index.ts'
import { formatDurationMs } from '../../src/discovery/index.ts'
import type {
  BrokerOverrides,
  ConsumerPlan,
  Expectation,
  LinkQuality,
  ProducerPlan
} from '../plan/index.ts'
import { formatFault } from './fault-text.ts'
import { figures } from './figures.ts'
import { coreLimits, stompLimits } from './limit-names.ts'
import { bandwidth, ratePerMinute, ratePerSecond } from './measures.ts'
import { clientsOf, usualExpectations } from './plan-of-rehearsal.ts'
import { durationOf, type Rehearsal } from './rehearsal.ts'

type Fields = Record<string, unknown>

const widthMax = 100

/** The text of a scenario file. */
export function writeScenario(rehearsal: Rehearsal): string {
  const { name, about, origin, seed, ending, drainMsMax, groups, faults } = rehearsal
  const { producers, consumers } = clientsOf(rehearsal)
  const fields: Fields = {
    scenario: name,
    ...(about === '' ? {} : { about }),
    topology: origin.kind === 'file' ? origin.path : origin.value,
    seed: Number(seed),
    duration: formatDurationMs(durationOf(rehearsal)),
    ending,
    drain: formatDurationMs(drainMsMax),
    ...some('links', linkFields(rehearsal)),
    ...some('brokers', mapped(rehearsal.overrides, overrideFields)),
    ...some('groups', Object.fromEntries([...groups].map(([key, list]) => [key, [...list]]))),
    producers: producers.map(producerFields),
    consumers: consumers.map(consumerFields),
    ...(faults.length === 0
      ? {}
      : { faults: faults.map((fault) => ({ [fault.kind]: formatFault(fault) })) }),
    ...some('expect', expectFields(rehearsal.expectations ?? usualExpectations))
  }
  return stringify(fields, { lineWidth: widthMax, aliasDuplicateObjects: false })
}

function some(key: string, fields: Fields): Fields {
  return Object.keys(fields).length === 0 ? {} : { [key]: fields }
}

function mapped<T>(record: Readonly<Record<string, T>>, write: (value: T) => Fields): Fields {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, write(value)]))
}

function linkFields({ defaultQuality, qualities }: Rehearsal): Fields {
  const ofDefault = qualityFields(defaultQuality)
  return {
    ...some('default', ofDefault),
    ...Object.fromEntries([...qualities].map(([link, each]) => [link, qualityFields(each)]))
  }
}

function qualityFields(quality: Partial<LinkQuality>): Fields {
  const { latencyMs, jitterMs, bytesPerSecond, resetsPerMinute } = quality
  return {
    ...(latencyMs === undefined ? {} : { latency: formatDurationMs(latencyMs) }),
    ...(jitterMs === undefined ? {} : { jitter: formatDurationMs(jitterMs) }),
    ...(bytesPerSecond === undefined ? {} : { bandwidth: bandwidth.write(bytesPerSecond) }),
    ...(resetsPerMinute === undefined ? {} : { resets: ratePerMinute.write(resetsPerMinute) })
  }
}

function overrideFields(override: BrokerOverrides): Fields {
  const { isLate, limits, stompLimits: stomp, bridges, hopsMax, storeBytesMax } = override
  const values = new Map<string, unknown>(Object.entries({ ...limits, ...stomp }))
  const named = [...coreLimits, ...stompLimits].flatMap(([key, name]) =>
    values.has(name) ? [[key, limitText(name, values.get(name))] as const] : []
  )
  return {
    ...(isLate === true ? { late: true } : {}),
    ...some('limits', Object.fromEntries(named)),
    ...(bridges?.pingIntervalMs === undefined
      ? {}
      : { pingInterval: formatDurationMs(bridges.pingIntervalMs) }),
    ...(bridges?.pingMisses === undefined ? {} : { pingMisses: bridges.pingMisses }),
    ...(hopsMax === undefined ? {} : { hopsMax }),
    ...(storeBytesMax === undefined ? {} : { store: formatByteSize(storeBytesMax) })
  }
}

function limitText(name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  if (name.includes('Bytes')) return formatByteSize(value)
  return name.includes('Ms') ? formatDurationMs(value) : value
}

function producerFields(plan: ProducerPlan): Fields {
  const { name, at, destination, everyMs, bodyBytes, isPersistent, receiptEvery, version } = plan
  const { burst = 1, isSteady, ttlMs, headers, transactionSize, messagesMax, isLate } = plan
  return {
    ...{ name, at, to: destination },
    rate: ratePerSecond.write((burst * 1_000) / everyMs),
    size: formatByteSize(bodyBytes),
    persistent: isPersistent,
    receipts: `every ${receiptEvery}`,
    ...(burst === 1 ? {} : { burst }),
    ...(isSteady === true ? { steady: true } : {}),
    ...(ttlMs === undefined ? {} : { ttl: formatDurationMs(ttlMs) }),
    ...(headers === undefined ? {} : { headers }),
    ...(transactionSize === undefined ? {} : { transaction: transactionSize }),
    ...(messagesMax === undefined ? {} : { messages: messagesMax }),
    ...(isLate === true ? { late: true } : {}),
    ...(version === '1.2' ? {} : { version })
  }
}

function consumerFields(plan: ConsumerPlan): Fields {
  const { name, at, destination, ack, prefetch, workMs, version } = plan
  const { selector, durableName, nackEvery, isLate } = plan
  return {
    ...{ name, at, from: destination, ack, prefetch },
    work: formatDurationMs(workMs),
    ...(selector === undefined ? {} : { selector }),
    ...(durableName === undefined ? {} : { durable: durableName }),
    ...(nackEvery === undefined ? {} : { nack: `every ${nackEvery}` }),
    ...(isLate === true ? { late: true } : {}),
    ...(version === '1.2' ? {} : { version })
  }
}

function expectFields(expectations: readonly Expectation[]): Fields {
  const whole = expectations.filter(({ destination }) => destination === undefined)
  const fields = boundFields(whole)
  const names = expectations.flatMap(({ destination }) => destination ?? [])
  const destinations = [...new Set(names)].map((name) => {
    return [name, boundFields(expectations.filter((each) => each.destination === name))]
  })
  return { ...fields, ...some('destinations', Object.fromEntries(destinations)) }
}

function boundFields(expectations: readonly Expectation[]): Fields {
  const fields = new Map<string, Record<string, unknown>>()
  for (const { figure, comparison, value } of expectations) {
    const [key, { unit }] = [...figures].find(([, each]) => each.figure === figure)!
    const bounds = fields.get(key) ?? {}
    fields.set(key, {
      ...bounds,
      [comparison]: unit === 'duration' ? formatDurationMs(value) : value
    })
  }
  return Object.fromEntries(fields)
}
