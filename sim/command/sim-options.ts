// What the command line of `postroad sim` says, and how it changes what a file says.

import type { LinkQuality, ScenarioPlan } from '../plan/index.ts'
import {
  bandwidth,
  checkFault,
  clientsOf,
  correctedMeasure,
  durationOf,
  type Fault,
  findLink,
  findTooMany,
  groundOf,
  isMistake,
  type Mistake,
  type Rehearsal,
  ratePerMinute,
  timeSpan
} from '../scenario-file/index.ts'
import { findUnreal, nameOfFault } from './find-unreal.ts'

/** Options of `postroad sim`, as commander gives them. */
export interface SimOptions {
  readonly faults: readonly Fault[]
  readonly links: readonly string[]
  readonly seed?: number
  readonly seeds?: number
  /** Milliseconds. */
  readonly duration?: number
  /** Messages a second, all producers together. */
  readonly rate?: number
  /** Milliseconds, one way. */
  readonly latency?: number
  readonly ending?: ScenarioPlan['ending']
  readonly compare?: readonly string[]
  readonly json?: boolean
  readonly html?: string
  readonly real?: boolean
  readonly saveScenario?: string
  readonly explain?: boolean
  readonly progress?: boolean
  readonly verbose?: boolean
}

const latencySpan = timeSpan(0, 60_000)

/** A rehearsal with another rate, if it has no producers of its own. */
export function applyRate(rehearsal: Rehearsal, { rate }: SimOptions): Rehearsal | Mistake {
  if (rate === undefined) return rehearsal
  const { producers, consumers, name } = rehearsal
  if (producers.length + consumers.length === 0) return { ...rehearsal, ratePerSecond: rate }
  const message = `--rate is for networks without producers; ${name} has its own`
  return { message, suggestion: 'change the rates in the file' }
}

/** A rehearsal as the other options change it, and what is wrong with them. */
export function applyOptions(
  rehearsal: Rehearsal,
  options: SimOptions
): { readonly rehearsal: Rehearsal; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = []
  const { seed, duration, latency, ending, faults } = options
  const qualities = new Map(rehearsal.qualities)
  for (const written of options.links) {
    const link = readLinkOption(written, rehearsal)
    if (isMistake(link)) mistakes.push(link)
    else qualities.set(link.key, { ...qualities.get(link.key), ...link.quality })
  }
  const changed: Rehearsal = {
    ...rehearsal,
    qualities,
    faults: [...rehearsal.faults, ...faults],
    defaultQuality:
      latency === undefined
        ? rehearsal.defaultQuality
        : { ...rehearsal.defaultQuality, latencyMs: latency },
    ...(seed === undefined ? {} : { seed: String(seed) }),
    ...(duration === undefined ? {} : { durationMs: duration }),
    ...(ending === undefined ? {} : { ending })
  }
  mistakes.push(...findFaultMistakes(changed))
  // A rate or a duration of the command line may be too much where the file's was not.
  const tooMany = findTooMany(clientsOf(changed).producers, durationOf(changed))
  if (tooMany !== undefined) mistakes.push(tooMany)
  if (options.real === true) mistakes.push(...findUnreal(changed))
  return { rehearsal: changed, mistakes }
}

/** Faults of the command line that cannot be, and those of the file that options made wrong. */
function findFaultMistakes(rehearsal: Rehearsal): Mistake[] {
  const ground = groundOf(rehearsal)
  return rehearsal.faults.flatMap((fault) => {
    const mistake = checkFault(fault, ground)
    if (mistake === undefined) return []
    const { message, suggestion } = mistake
    const { where } = fault
    return [{ message: `${nameOfFault(fault)}: ${message}`, suggestion, where }]
  })
}

interface LinkOption {
  readonly key: string
  readonly quality: Partial<LinkQuality>
}

/** Reads 'a:b=40ms,2Mbit/s,6/min'. */
function readLinkOption(written: string, { topology }: Rehearsal): LinkOption | Mistake {
  const [target = '', values] = written.split('=', 2)
  const at = `--link ${written}`
  if (values === undefined) {
    return { message: `${at} says nothing of the link`, suggestion: 'write a:b=40ms,2Mbit/s' }
  }
  const link = findLink(target, topology)
  if (isMistake(link)) return { ...link, message: `${at}: ${link.message}` }
  let quality: Partial<LinkQuality> = {}
  for (const value of values.split(',')) {
    const read = readQuality(value.trim())
    if (isMistake(read)) return { ...read, message: `${at}: ${read.message}` }
    quality = { ...quality, ...read }
  }
  return { key: `${link.a}:${link.b}`, quality }
}

function readQuality(value: string): Partial<LinkQuality> | Mistake {
  const latencyMs = latencySpan.read(value)
  if (latencyMs !== undefined) return { latencyMs }
  const bytesPerSecond = bandwidth.read(value)
  if (bytesPerSecond !== undefined) return { bytesPerSecond }
  const resetsPerMinute = ratePerMinute.read(value)
  if (resetsPerMinute !== undefined) return { resetsPerMinute }
  const near = [latencySpan, bandwidth, ratePerMinute]
    .map((measure) => correctedMeasure(measure, value))
    .find((each) => each !== undefined)
  return {
    message:
      `"${value}" is no latency such as 40ms, no bandwidth such as 2Mbit/s, and no rate of ` +
      'resets such as 6/min',
    suggestion: near === undefined ? undefined : `did you mean ${near}?`
  }
}
