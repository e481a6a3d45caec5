// The little grammar of faults, TARGET@FROM[..TO][=VALUE], the same in scenario files and on the
// command line. Reading says exactly what is wrong; what the target is called in a network is not
// its business.

import { durationForm, formatDurationMs, parseDurationMs } from '../../src/discovery/index.ts'
import type { CrashStep, Leaving } from '../plan/index.ts'
import { crashSteps } from '../plan/timeline.ts'
import { type FaultKind, type FaultKindName, faultKinds } from './fault-kinds.ts'
import { correctedMeasure, timeSpan } from './measures.ts'

/** One fault as written, its numbers read. */
export interface Fault {
  readonly kind: FaultKindName
  /** As written: 'hub-1', 'hub-1:spoke-1', 'west/east', 'c1'. */
  readonly target: string
  /** Since the network was at work. */
  readonly fromMs: number
  /** Undefined if it does not end, or is over at once. */
  readonly toMs: number | undefined
  /** In the plain unit of the kind's measure; undefined if it has none. A period after a step. */
  readonly amount: number | undefined
  /** Where a client moves to. */
  readonly place: string | undefined
  /** How a client leaves a broker. */
  readonly leaving: Leaving
  /** Where a broker is killed; only of kinds that take a step. */
  readonly step?: CrashStep
  /** Place in its file, 'outage.yaml:7:5'; undefined for one of the command line. */
  readonly where?: string
}

/** What is wrong with something written, and what to do. */
export interface Mistake {
  readonly message: string
  readonly suggestion?: string | undefined
  /** Place in its file, 'outage.yaml:7:5', of what is known to stand there. */
  readonly where?: string | undefined
}

/** True if reading went wrong. */
export function isMistake(read: object): read is Mistake {
  return 'message' in read
}

/** Latest time a fault may have. */
export const faultMsMax = 86_400_000

/** Reads what stands after a kind of fault. */
export function readFault(kindName: FaultKindName, written: string): Fault | Mistake {
  const kind = faultKinds.get(kindName)!
  const parts = /^([^@=]+)@([^=]*?)(?:=(.*))?$/s.exec(written.trim())
  const example = `write for example ${kindName}: ${kind.example}`
  if (parts === null) {
    const message = written.includes('@')
      ? `"${written}" is not a fault`
      : `"${written}" says not when: a fault is ${formOf(kind)}`
    return { message, suggestion: example }
  }
  const [, target = '', times = '', value] = parts
  const range = readTimes(kind, times, written)
  if (isMistake(range)) return { suggestion: example, ...range }
  const given = readValue(kind, value, written)
  if (isMistake(given)) return given
  return { kind: kindName, target: target.trim(), ...range, ...given }
}

/** A fault as {@link readFault} reads it, without its kind. */
export function formatFault(fault: Fault): string {
  const { kind: name, target, fromMs, toMs, amount, place, leaving, step } = fault
  const kind = faultKinds.get(name)!
  let text = `${target}@${formatDurationMs(fromMs)}`
  if (toMs !== undefined) text += `..${formatDurationMs(toMs)}`
  if (kind.measure !== undefined && amount !== undefined) text += `=${kind.measure.write(amount)}`
  if (step !== undefined) text += `=${step}`
  if (step !== undefined && amount !== undefined) text += `,${formatDurationMs(amount)}`
  if (place !== undefined) text += `=${place}${leaving === 'abrupt' ? ',abrupt' : ''}`
  else if (leaving === 'abrupt') text += '=abrupt'
  return text
}

/** What a kind of fault must look like, in capitals. */
export function formOf({ target, time, measure, word }: FaultKind): string {
  const targets = {
    broker: 'BROKER',
    link: 'BROKER:BROKER',
    way: 'FROM:TO',
    groups: 'GROUP/GROUP',
    client: 'CLIENT'
  }
  const times = { point: '@TIME', span: '@FROM..TO', either: '@FROM[..TO]' }
  const words = { place: '=BROKER[,abrupt]', leaving: '[=abrupt]', step: '=STEP[,DURATION]' }
  const value = measure === undefined ? '' : `=${valueName(measure.example)}`
  return `${targets[target]}${times[time]}${word === undefined ? value : words[word]}`
}

function valueName(example: string): string {
  if (example.endsWith('x')) return 'FACTOR'
  if (example.endsWith('bit/s')) return 'BANDWIDTH'
  return example.includes('/') ? 'RATE' : 'DURATION'
}

type Times = Pick<Fault, 'fromMs' | 'toMs'>

function readTimes(kind: FaultKind, written: string, whole: string): Times | Mistake {
  const { name, time } = kind
  const dots = written.indexOf('..')
  const from = readTime(dots === -1 ? written : written.slice(0, dots), whole)
  if (isMistake(from)) return from
  if (dots === -1) {
    if (time === 'span') return { message: `"${whole}" has no end; ${name} needs FROM..TO` }
    return { fromMs: from.ms, toMs: undefined }
  }
  if (time === 'point') {
    const suggestion = `write ${name}: ${whole.replace(/\.\.[^=]*/, '')}`
    return { message: `"${whole}" has an end, but ${name} happens at one time`, suggestion }
  }
  const to = readTime(written.slice(dots + 2), whole)
  if (isMistake(to)) return to
  if (to.ms > from.ms) return { fromMs: from.ms, toMs: to.ms }
  const turned = `${formatDurationMs(to.ms)}..${formatDurationMs(from.ms)}`
  return to.ms === from.ms
    ? { message: `the time range of "${whole}" is empty`, suggestion: 'let it end later' }
    : {
        message: `the time range of "${whole}" runs backwards`,
        suggestion: `did you mean ${turned}?`
      }
}

function readTime(written: string, whole: string): { readonly ms: number } | Mistake {
  const text = written.trim()
  const ms = parseDurationMs(text)
  if (ms === undefined) {
    const message =
      text === '' ? `a time is missing in "${whole}"` : `"${text}" in "${whole}" is not a time`
    const isDecimal = /^\d{1,9}\.\d{1,3}s$/.test(text)
    const exact = `did you mean ${Math.round(Number.parseFloat(text) * 1_000)}ms?`
    return { message, suggestion: isDecimal ? exact : `a time is ${durationForm}` }
  }
  if (/^\d+$/.test(text) && ms !== 0) {
    return { message: `"${text}" in "${whole}" has no unit`, suggestion: `did you mean ${text}s?` }
  }
  if (ms <= faultMsMax) return { ms }
  return { message: `"${text}" in "${whole}" is too late`, suggestion: 'a run has 24h at most' }
}

type Value = Pick<Fault, 'amount' | 'place' | 'leaving' | 'step'>

function readValue(kind: FaultKind, written: string | undefined, whole: string): Value | Mistake {
  const { name, measure, word, example } = kind
  const none: Value = { amount: undefined, place: undefined, leaving: 'orderly' }
  if (measure !== undefined) {
    const amount = written === undefined ? undefined : measure.read(written.trim())
    if (amount !== undefined) return { ...none, amount }
    const near = written === undefined ? undefined : correctedMeasure(measure, written)
    return {
      message: `what stands after "=" in "${whole}" must be ${measure.form}`,
      suggestion: near === undefined ? `such as ${example}` : `did you mean ${near}?`
    }
  }
  if (word === 'place') return readPlace(written, whole)
  if (word === 'step') return readStep(written, whole)
  if (written === undefined) return none
  if (word === 'leaving' && (written === 'abrupt' || written === 'orderly')) {
    return { ...none, leaving: written }
  }
  if (word === 'leaving') {
    return { message: `"${written}" in "${whole}" must be orderly or abrupt` }
  }
  const suggestion = `write ${name}: ${whole.slice(0, whole.indexOf('='))}`
  return { message: `"${whole}" has a value, but ${name} takes none`, suggestion }
}

/** How often a broker is killed at its steps. */
const stepPeriod = timeSpan(100, 600_000)

function readStep(written: string | undefined, whole: string): Value | Mistake {
  const [name = '', period, ...rest] = (written ?? '').split(',').map((one) => one.trim())
  const step = crashSteps.find((each) => each === name)
  const known = crashSteps.join(', ')
  if (step === undefined) {
    const message = name === '' ? `"${whole}" says not at which step` : `"${name}" is no step`
    return { message, suggestion: `steps are ${known}` }
  }
  const none = { amount: undefined, place: undefined, leaving: 'orderly', step } as const
  if (period === undefined) return none
  const amount = rest.length > 0 ? undefined : stepPeriod.read(period)
  if (amount !== undefined) return { ...none, amount }
  const said = [period, ...rest].join(',')
  return { message: `"${said}" in "${whole}" must be ${stepPeriod.form}` }
}

function readPlace(written: string | undefined, whole: string): Value | Mistake {
  const [place = '', how = 'orderly', ...rest] = (written ?? '').split(',').map((one) => one.trim())
  if (place === '') {
    return {
      message: `"${whole}" says not where to`,
      suggestion: `write move: ${whole.replace(/=.*$/s, '')}=BROKER`
    }
  }
  if (rest.length > 0 || (how !== 'orderly' && how !== 'abrupt')) {
    const said = [how, ...rest].join(',')
    return { message: `"${said}" in "${whole}" must be orderly or abrupt` }
  }
  return { amount: undefined, place, leaving: how }
}
