// Makes the steps of a timeline from faults. Faults may overlap: what two of them keep from working
// (a broker that is down, a link that is cut) works again when the last of them ends. A fault whose
// begin or end meets that of another counts as overlapping it.

import type { FaultSpan, LinkQuality, SimEvent, TimelineStep } from '../plan/index.ts'
import type { SimLink } from '../topologies.ts'
import { type FaultGround, type FaultScope, scopeOf } from './check-fault.ts'
import { type Fault, isMistake } from './fault-text.ts'

/** What quality a link has when no fault changes it. */
export type QualityOf = (link: SimLink) => LinkQuality

/** Faults as steps of a timeline, and as people read them. */
export interface FaultSchedule {
  readonly timeline: readonly TimelineStep[]
  readonly faults: readonly FaultSpan[]
  /** When the last step happens. */
  readonly lastMs: number
}

/** Something that is kept from working for a while. */
interface Hold {
  /** What is kept: 'down hub-1', 'link a:b'. Holds with one key overlap. */
  readonly key: string
  readonly fromMs: number
  readonly toMs: number | undefined
  readonly begin: SimEvent
  readonly end: SimEvent | undefined
}

interface TimedEvent {
  readonly atMs: number
  readonly event: SimEvent
}

/**
 * Steps of faults that were checked against the same ground.
 * @throws Error if one of them does not fit it
 */
export function scheduleFaults(
  faults: readonly Fault[],
  ground: FaultGround,
  qualityOf: QualityOf
): FaultSchedule {
  const holds = faults.flatMap((fault) => {
    const scope = scopeOf(fault, ground)
    if (isMistake(scope)) throw new Error(`${fault.kind} ${fault.target}: ${scope.message}`)
    return holdsOf(fault, scope, { ground, qualityOf })
  })
  const byKey = new Map<string, Hold[]>()
  for (const hold of holds) {
    const same = byKey.get(hold.key)
    if (same === undefined) byKey.set(hold.key, [hold])
    else same.push(hold)
  }
  const events: TimedEvent[] = []
  for (const hold of holds) {
    events.push({ atMs: hold.fromMs, event: hold.begin })
    if (hold.end === undefined || hold.toMs === undefined) continue
    if (isHeldOn(hold, byKey.get(hold.key)!)) continue
    events.push({ atMs: hold.toMs, event: hold.end })
  }
  events.push(...stillPaused(holds, events))
  // Sorting is stable: what happens at one time happens in the order of the faults.
  events.sort((one, other) => one.atMs - other.atMs)
  let nowMs = 0
  const timeline = events.map(({ atMs, event }) => {
    const afterMs = atMs - nowMs
    nowMs = atMs
    return { afterMs, event }
  })
  return { timeline, faults: faults.map((fault) => spanOf(fault, ground)), lastMs: nowMs }
}

/** A broker that starts while it is to be frozen is frozen at once. */
function stillPaused(holds: readonly Hold[], events: readonly TimedEvent[]): TimedEvent[] {
  return events.flatMap(({ atMs, event }) => {
    if (event.kind !== 'start') return []
    const pause = holds.find(
      ({ begin, fromMs, toMs = Number.POSITIVE_INFINITY }) =>
        begin.kind === 'pause' && begin.broker === event.broker && fromMs < atMs && atMs < toMs
    )
    return pause === undefined ? [] : [{ atMs, event: pause.begin }]
  })
}

/** True if another hold of the same keeps on when this one ends. */
function isHeldOn(hold: Hold, all: readonly Hold[]): boolean {
  const endMs = hold.toMs!
  const at = all.indexOf(hold)
  return all.some((other, otherAt) => {
    if (other === hold || other.fromMs > endMs) return false
    if (other.toMs === undefined || other.toMs > endMs) return true
    return other.toMs === endMs && otherAt > at
  })
}

function spanOf(fault: Fault, ground: FaultGround): FaultSpan {
  const { kind, target, fromMs, toMs, place, step } = fault
  const scope = scopeOf(fault, ground)
  const more = place === undefined ? (step === undefined ? '' : ` ${step}`) : ` to ${place}`
  const text = `${kind} ${target}${more}`
  return { text, fromMs, toMs, brokers: isMistake(scope) ? [] : scope.brokers }
}

interface Surroundings {
  readonly ground: FaultGround
  readonly qualityOf: QualityOf
}

function holdsOf(fault: Fault, scope: FaultScope, around: Surroundings): Hold[] {
  const { kind } = fault
  const [first = '', second = ''] = scope.brokers
  switch (kind) {
    case 'kill':
    case 'stop':
    case 'power-off':
    case 'disk-loss':
    case 'remove':
      return [downHold(fault, { kind, broker: first })]
    case 'kill-at':
      return killHolds(fault, first)
    case 'roll-back':
      return rollBackHolds(fault, first)
    case 'clone': {
      const end: SimEvent = { kind: 'clone-end', broker: first }
      return [hold(fault, `clone ${first}`, { kind, broker: first }, end)]
    }
    case 'disk-slow': {
      const begin: SimEvent = { kind, broker: first, ms: fault.amount! }
      return [hold(fault, `slow disk ${first}`, begin, { ...begin, ms: 0 })]
    }
    case 'restart':
      return [{ ...downHold(fault, { kind: 'kill', broker: first }), toMs: fault.fromMs }]
    case 'pause': {
      const end: SimEvent = { kind: 'resume', broker: first }
      return [hold(fault, `pause ${first}`, { kind, broker: first }, end)]
    }
    case 'slow': {
      const begin: SimEvent = { kind, broker: first, factor: fault.amount! }
      return [hold(fault, `slow ${first}`, begin, { ...begin, factor: 1 })]
    }
    case 'disk-full':
    case 'disk-error': {
      const end: SimEvent = { kind: 'disk-ok', broker: first }
      return [hold(fault, `disk ${first}`, { kind, broker: first }, end)]
    }
    case 'one-way':
      return [cutHold(fault, { kind: 'cut-one-way', from: first, to: second }, scope.links[0]!)]
    case 'cut':
    case 'isolate':
      return scope.links.map((link) => cutHold(fault, cutOf(link), link))
    case 'partition':
      return linksBetween(scope.groups, around.ground.topology.links).map((link) =>
        cutHold(fault, cutOf(link), link)
      )
    case 'flap':
      return flapHolds(fault, scope.links[0]!)
    case 'throttle':
    case 'delay':
    case 'resets':
      return [qualityHold(fault, kind, scope.links[0]!, around.qualityOf)]
    default:
      return [hold(fault, '', pointEvent(fault, first, second), undefined)]
  }
}

/** What happens at one time and has no end. */
function pointEvent(fault: Fault, first: string, second: string): SimEvent {
  const { kind, target, leaving, place, amount } = fault
  switch (kind) {
    case 'half-open':
    case 'reset':
      return { kind, a: first, b: second }
    case 'poison':
      return { kind, from: first, to: second }
    case 'clock-step':
      return { kind, broker: first, byMs: amount! }
    case 'add':
      return { kind: 'start', broker: first }
    case 'move':
      return { kind, client: target, to: place!, leaving }
    case 'leave':
      return { kind, client: target, leaving }
    case 'arrive':
    case 'drop-client':
      return { kind, client: target }
    default:
      throw new Error(`${kind} does not happen at one time`)
  }
}

function hold(
  { fromMs, toMs }: Fault,
  key: string,
  begin: SimEvent,
  end: SimEvent | undefined
): Hold {
  return { key, fromMs, toMs, begin, end }
}

function downHold(fault: Fault, begin: SimEvent & { readonly broker: string }): Hold {
  return hold(fault, `down ${begin.broker}`, begin, { kind: 'start', broker: begin.broker })
}

function cutHold(fault: Fault, begin: SimEvent, { a, b }: SimLink): Hold {
  return hold(fault, `link ${a}:${b}`, begin, { kind: 'heal', a, b })
}

function cutOf({ a, b }: SimLink): SimEvent {
  return { kind: 'cut', a, b }
}

/** Cut for the first half of each period. */
function flapHolds(fault: Fault, link: SimLink): Hold[] {
  return firstHalves(fault).map((span) => cutHold(span, cutOf(link), link))
}

/** Once, or in the first half of each period. */
function killHolds(fault: Fault, broker: string): Hold[] {
  const begin = { kind: 'kill-at', broker, step: fault.step!, times: 1 } as const
  const spans = fault.amount === undefined ? [fault] : firstHalves(fault)
  return spans.map((span) => downHold(span, begin))
}

/** A copy is made at the begin; at the end the broker goes down, and comes up on it at once. */
function rollBackHolds(fault: Fault, broker: string): Hold[] {
  const { toMs } = fault
  const copied: SimEvent = { kind: 'disk-copy', broker }
  const copy = hold({ ...fault, toMs: undefined }, `copy ${broker}`, copied, undefined)
  const down = downHold({ ...fault, fromMs: toMs! }, { kind: 'disk-restore', broker })
  return [copy, down]
}

function firstHalves(fault: Fault): Fault[] {
  const { fromMs, amount: periodMs, toMs } = fault
  const spans: Fault[] = []
  for (let atMs = fromMs; atMs < toMs!; atMs += periodMs!) {
    const endMs = Math.min(toMs!, atMs + Math.ceil(periodMs! / 2))
    spans.push({ ...fault, fromMs: atMs, toMs: endMs })
  }
  return spans
}

const qualityKeys = {
  throttle: 'bytesPerSecond',
  delay: 'latencyMs',
  resets: 'resetsPerMinute'
} as const

function qualityHold(
  fault: Fault,
  kind: keyof typeof qualityKeys,
  link: SimLink,
  qualityOf: QualityOf
): Hold {
  const { a, b } = link
  const key = qualityKeys[kind]
  return hold(
    fault,
    `${key} ${a}:${b}`,
    { kind: 'quality', a, b, quality: { [key]: fault.amount! } },
    { kind: 'quality', a, b, quality: { [key]: qualityOf(link)[key] } }
  )
}

function linksBetween(
  groups: readonly (readonly string[])[],
  links: readonly SimLink[]
): SimLink[] {
  const groupOf = (name: string): number => groups.findIndex((group) => group.includes(name))
  return links.filter(({ a, b }) => {
    const [one, other] = [groupOf(a), groupOf(b)]
    // A broker in no group stays linked to all.
    return one !== -1 && other !== -1 && one !== other
  })
}
