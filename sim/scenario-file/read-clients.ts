// Producers and consumers of a scenario file: entries become clients, and what cannot be is told:
// names taken twice, brokers that are not there, more messages than a run may have.

import { hasWildcard, isDeadLetterQueueName, patternMatches } from '../../src/broker/index.ts'
import { suggestName, type YamlPath } from '../../src/config/index.ts'
import { formatDurationMs } from '../../src/discovery/index.ts'
import type { ConsumerPlan, ProducerPlan } from '../plan/index.ts'
import type { SimTopology } from '../topologies.ts'
import { findBroker } from './check-fault.ts'
import type { ConsumerEntry, ProducerEntry } from './client-schemas.ts'
import type { Mistake } from './fault-text.ts'
import type { ScenarioCheck } from './scenario-check.ts'
import { scenarioBounds } from './scenario-schema.ts'

/** The clients of a scenario. */
export interface Clients {
  readonly producers: readonly ProducerPlan[]
  readonly consumers: readonly ConsumerPlan[]
}

/** Entries as the schema read them. */
export interface ClientEntries {
  readonly producers: readonly ProducerEntry[]
  readonly consumers: readonly ConsumerEntry[]
}

/** Checks entries and makes clients of them. */
export function readClients(
  check: ScenarioCheck,
  entries: ClientEntries,
  topology: SimTopology
): Clients {
  const names = new Map<string, string>()
  const producers: ProducerPlan[] = []
  const consumers: ConsumerPlan[] = []
  for (const [at, entry] of entries.producers.entries()) {
    checkPlace(check, ['producers', at, 'at'], entry.at, topology)
    const plans = namesOf(entry).map((name) => producerOf(name, entry))
    for (const { name } of plans) takeName(check, names, ['producers', at, 'name'], name)
    producers.push(...plans)
  }
  for (const [at, entry] of entries.consumers.entries()) {
    checkPlace(check, ['consumers', at, 'at'], entry.at, topology)
    checkConsumer(check, at, entry)
    const plans = namesOf(entry).map((name) => consumerOf(name, entry))
    for (const { name } of plans) takeName(check, names, ['consumers', at, 'name'], name)
    consumers.push(...plans)
  }
  if (names.size > scenarioBounds.clientsMax) {
    const message = `there are ${names.size} clients; ${scenarioBounds.clientsMax} are the most`
    check.report(['consumers'], { message }, 'key')
  }
  return { producers, consumers }
}

/** Messages that producers may send in that time, all together. */
export function messagesOf(producers: readonly ProducerPlan[], durationMs: number): number {
  let messages = 0
  for (const { everyMs, isSteady, burst = 1, messagesMax } of producers) {
    // Drawn ticks come a little more often than the mean now and then.
    const room = isSteady === true ? 1 : 1.1
    const sent = Math.ceil((durationMs / everyMs) * burst * room) + burst
    messages += Math.min(messagesMax ?? Number.POSITIVE_INFINITY, sent)
  }
  return messages
}

/** Tells if producers send more than a run may have. */
export function checkMessages(check: ScenarioCheck, clients: Clients, durationMs: number): void {
  const mistake = findTooMany(clients.producers, durationMs)
  if (mistake !== undefined) check.report(['producers'], mistake, 'key')
}

/** What is wrong if producers send more than a run may have. */
export function findTooMany(
  producers: readonly ProducerPlan[],
  durationMs: number
): Mistake | undefined {
  const messages = messagesOf(producers, durationMs)
  if (messages <= scenarioBounds.messagesMax) return undefined
  const time = formatDurationMs(durationMs)
  return {
    message: `the producers send about ${Math.round(messages)} messages in ${time}`,
    suggestion: `${scenarioBounds.messagesMax} are the most; lower rates or the duration`
  }
}

/** Warns of consumers that nobody sends to and of queues that nobody reads. */
export function checkReach(
  check: ScenarioCheck,
  entries: ClientEntries,
  topology: SimTopology
): void {
  const groups = connectedGroups(topology)
  const meets = (producer: ProducerEntry, consumer: ConsumerEntry): boolean =>
    groups.get(producer.at) === groups.get(consumer.at)
  for (const [at, consumer] of entries.consumers.entries()) {
    const path = ['consumers', at, 'from']
    const senders = entries.producers.filter((one) => destinationMatches(consumer.from, one.to))
    const { name, from } = consumer
    // Brokers send there.
    if (isDeadLetterQueueName(from.replace(/^\/queue\//, ''))) continue
    if (senders.length === 0) {
      const sent = [...new Set(entries.producers.map(({ to }) => to))]
      const suggestion = suggestName(from, sent)
      check.warn(path, { message: `nobody sends what "${name}" receives, "${from}"`, suggestion })
    } else if (!senders.some((producer) => meets(producer, consumer))) {
      const message = `"${name}" is never reached: no path leads to ${consumer.at} from a producer`
      check.warn(path, { message, suggestion: 'add a link, or move it to another broker' })
    }
  }
  for (const [at, { name, to }] of entries.producers.entries()) {
    if (!to.startsWith('/queue/')) continue
    if (entries.consumers.some(({ from }) => destinationMatches(from, to))) continue
    const message = `nobody receives what "${name}" sends to "${to}"; it will wait`
    check.warn(['producers', at, 'to'], { message })
  }
}

/** True if a consumer of `from` gets what is sent to `to`. */
export function destinationMatches(from: string, to: string): boolean {
  if (from === to) return true
  const [fromKind, toKind] = [from.slice(0, 7), to.slice(0, 7)]
  if (fromKind !== toKind || !hasWildcard(from.slice(7))) return false
  return patternMatches(from.slice(7), to.slice(7))
}

function checkPlace(
  check: ScenarioCheck,
  path: YamlPath,
  broker: string,
  topology: SimTopology
): void {
  const mistake = findBroker(broker, topology)
  if (mistake !== undefined) check.report(path, mistake)
}

function checkConsumer(check: ScenarioCheck, at: number, entry: ConsumerEntry): void {
  const { ack, nack, durable, from } = entry
  if (nack !== undefined && ack !== 'client-individual') {
    const suggestion = 'write ack: client-individual'
    check.report(['consumers', at, 'nack'], {
      message: `"nack" needs ack: client-individual, not ${ack}`,
      suggestion
    })
  }
  if (durable !== undefined && (!from.startsWith('/topic/') || hasWildcard(from.slice(7)))) {
    check.report(['consumers', at, 'durable'], {
      message: `"durable" is for one topic, not for "${from}"`,
      suggestion: from.startsWith('/queue/') ? 'remove it: queues keep their messages' : undefined
    })
  }
}

function takeName(
  check: ScenarioCheck,
  names: Map<string, string>,
  path: YamlPath,
  name: string
): void {
  const taken = names.get(name)
  const here = `${path[0]}[${path[1]}]`
  if (taken === undefined) names.set(name, here)
  else {
    const message = `client "${name}" is there twice, as ${taken} and ${here}`
    check.report(path, { message, suggestion: 'give each client a name of its own' })
  }
}

function namesOf({ name, clients }: { name: string; clients?: number | undefined }): string[] {
  if (clients === undefined) return [name]
  return Array.from({ length: clients }, (_, at) => `${name}-${at + 1}`)
}

function producerOf(name: string, entry: ProducerEntry): ProducerPlan {
  const { at, to: destination, rate, size, persistent, receipts, burst, steady, version } = entry
  const { ttl, headers, transaction, messages, late } = entry
  return {
    ...{ name, at, destination, version },
    everyMs: (burst * 1_000) / rate,
    bodyBytes: size,
    isPersistent: persistent,
    receiptEvery: receipts,
    ...(burst === 1 ? {} : { burst }),
    ...(steady ? { isSteady: true } : {}),
    ...(ttl === undefined ? {} : { ttlMs: ttl }),
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...(transaction === undefined ? {} : { transactionSize: transaction }),
    ...(messages === undefined ? {} : { messagesMax: messages }),
    ...(late ? { isLate: true } : {})
  }
}

function headersOf(headers: NonNullable<ProducerEntry['headers']>): Record<string, string[]> {
  const lists = Object.entries(headers).map(([key, value]) => {
    const values = Array.isArray(value) ? value : [value]
    return [key, values.map(String)] as const
  })
  return Object.fromEntries(lists)
}

function consumerOf(name: string, entry: ConsumerEntry): ConsumerPlan {
  const { at, from: destination, ack, prefetch, work, version } = entry
  const { selector, durable, nack, late } = entry
  return {
    ...{ name, at, destination, ack, prefetch, version },
    workMs: work,
    ...(selector === undefined ? {} : { selector }),
    ...(durable === undefined ? {} : { durableName: durable }),
    ...(nack === undefined ? {} : { nackEvery: nack }),
    ...(late ? { isLate: true } : {})
  }
}

/** Which connected part of the network each broker is in. */
function connectedGroups({ brokers, links }: SimTopology): Map<string, string> {
  const groups = new Map(brokers.map((name) => [name, [name]]))
  for (const { a, b } of links) {
    const [one, other] = [groups.get(a)!, groups.get(b)!]
    if (one === other) continue
    one.push(...other)
    for (const name of other) groups.set(name, one)
  }
  return new Map(brokers.map((name) => [name, groups.get(name)![0]!]))
}
