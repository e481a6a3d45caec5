// What a scenario expects, read to bounds on figures of the report. A bound that no run could meet
// is an error: it would only ever say that something is wrong, never what.

import { suggestName, type YamlPath } from '../../src/config/index.ts'
import { durationForm, formatDurationMs, parseDurationMs } from '../../src/discovery/index.ts'
import type { Expectation } from '../plan/index.ts'
import { type Figure, figures } from './figures.ts'
import type { Clients } from './read-clients.ts'
import { destinationMatches, messagesOf } from './read-clients.ts'
import { mapAt, type ScenarioCheck } from './scenario-check.ts'

/** What expectations are about. */
export interface ExpectationGround {
  readonly clients: Clients
  readonly durationMs: number
  readonly hasFaults: boolean
  /** False if there may be more clients than these: the file is faulty. */
  readonly areClientsKnown: boolean
}

/** The expectations under `expect`; undefined if there is no such key. */
export function readExpectations(
  check: ScenarioCheck,
  ground: ExpectationGround
): Expectation[] | undefined {
  const raw = mapAt(mapAt(check.source.value)?.expect)
  if (raw === undefined) return undefined
  const expectations: Expectation[] = []
  for (const key of check.source.keysOf(['expect'])) {
    const figure = figures.get(key)
    if (figure === undefined) continue
    const path = ['expect', key]
    expectations.push(...readBounds(check, path, { figure, key, value: raw[key] }))
    if (figure.needsFault && !ground.hasFaults) {
      const message = `"${key}" is measured from faults, and there are none`
      check.report(path, { message, suggestion: 'add a fault, or remove it' }, 'key')
    }
  }
  expectations.push(...readDestinations(check, mapAt(raw.destinations) ?? {}, ground))
  if (ground.areClientsKnown) checkDelivered(check, expectations, ground)
  return expectations
}

function readDestinations(
  check: ScenarioCheck,
  raw: Readonly<Record<string, unknown>>,
  { clients, areClientsKnown }: ExpectationGround
): Expectation[] {
  const sent = new Set(clients.producers.map(({ destination }) => destination))
  const expectations: Expectation[] = []
  for (const destination of check.source.keysOf(['expect', 'destinations'])) {
    const path = ['expect', 'destinations', destination]
    if (areClientsKnown && !sent.has(destination)) {
      const message = `nobody sends to "${destination}"`
      check.report(path, { message, suggestion: suggestName(destination, [...sent]) }, 'key')
    }
    const own = mapAt(raw[destination]) ?? {}
    for (const key of check.source.keysOf(path)) {
      const figure = figures.get(key)
      if (figure === undefined) continue
      const bounds = readBounds(check, [...path, key], { figure, key, value: own[key] })
      expectations.push(...bounds.map((each) => ({ ...each, destination })))
    }
  }
  return expectations
}

interface Written {
  readonly key: string
  readonly figure: Figure
  readonly value: unknown
}

function readBounds(check: ScenarioCheck, path: YamlPath, written: Written): Expectation[] {
  const { key, figure, value } = written
  const map = mapAt(value)
  const single = map === undefined ? { [figure.usual]: value } : map
  const where = check.problems.placeOf(check.source, path)
  const bounds = new Map<string, number>()
  for (const comparison of ['at-most', 'at-least'] as const) {
    if (single[comparison] === undefined) continue
    const at = map === undefined ? path : [...path, comparison]
    const bound = readBound(check, at, { key, figure, value: single[comparison] })
    if (bound !== undefined) bounds.set(comparison, bound)
  }
  const [most, least] = [bounds.get('at-most'), bounds.get('at-least')]
  if (most !== undefined && least !== undefined && least > most) {
    check.report(path, { message: `"${key}" can never be at least ${least} and at most ${most}` })
  }
  if (map !== undefined && Object.keys(map).length === 0) {
    check.report(path, { message: `"${key}" says nothing`, suggestion: 'write {at-most: 0}' })
  }
  return [...bounds].map(([comparison, bound]) => ({
    figure: figure.figure,
    comparison: comparison as Expectation['comparison'],
    value: bound,
    where
  }))
}

function readBound(
  check: ScenarioCheck,
  path: YamlPath,
  { key, figure, value }: Written
): number | undefined {
  if (figure.unit === 'duration') {
    const isBare = typeof value === 'number' || /^\d+$/.test(String(value))
    const ms = isBare && value !== 0 ? undefined : parseDurationMs(String(value))
    if (ms !== undefined) return ms
    const message = `"${key}" must be a duration, ${durationForm}, not ${JSON.stringify(value)}`
    const suggestion = isBare ? `did you mean ${value}ms?` : undefined
    check.report(path, { message, suggestion })
    return undefined
  }
  const isGood =
    typeof value === 'number' &&
    value >= 0 &&
    (figure.unit === 'ratio' ? Number.isFinite(value) : Number.isSafeInteger(value))
  if (isGood) return value
  const form = figure.unit === 'ratio' ? 'a number from 0' : 'a whole number from 0'
  check.report(path, { message: `"${key}" must be ${form}, not ${JSON.stringify(value)}` })
  return undefined
}

/** Tells of an expectation that more is delivered than could be sent. */
function checkDelivered(
  check: ScenarioCheck,
  expectations: readonly Expectation[],
  { clients, durationMs }: ExpectationGround
): void {
  // Without clients the usual ones are there, and how much they send is for the rate to say.
  if (clients.producers.length === 0) return
  for (const { figure, comparison, value, destination } of expectations) {
    if (figure !== 'delivered' || comparison !== 'at-least') continue
    const most = deliveriesMax(clients, durationMs, destination)
    if (value <= most) continue
    const path =
      destination === undefined
        ? ['expect', 'delivered']
        : ['expect', 'destinations', destination, 'delivered']
    const time = formatDurationMs(durationMs)
    check.report(path, {
      message: `"delivered" can never be at least ${value}: at most ${most} are due in ${time}`,
      suggestion: 'expect fewer, or raise a rate or the duration'
    })
  }
}

/** Most messages that can be delivered: of a queue once each, of a topic to each subscriber. */
function deliveriesMax(clients: Clients, durationMs: number, only: string | undefined): number {
  let most = 0
  for (const producer of clients.producers) {
    const { destination } = producer
    if (only !== undefined && destination !== only) continue
    const takers = clients.consumers.filter((one) =>
      destinationMatches(one.destination, destination)
    ).length
    const copies = destination.startsWith('/queue/') ? Math.min(1, takers) : takers
    most += messagesOf([producer], durationMs) * copies
  }
  return most
}
