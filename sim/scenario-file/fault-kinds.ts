// Every kind of fault that a scenario file and the command line know: what it is done to, whether
// it has an end, and what value goes with it. One table for the parser, the schema, the help and
// reference page. It loads nothing heavy, for the command line reads it before anything runs.

import { bandwidth, clockStep, factor, type Measure, ratePerMinute, timeSpan } from './measures.ts'

/** What a fault is done to. 'way' is a link with a direction. */
export type FaultTarget = 'broker' | 'link' | 'way' | 'groups' | 'client'

/** One kind of fault. */
export interface FaultKind {
  readonly name: string
  readonly target: FaultTarget
  /** 'point': at one time. 'span': from one time to another. 'either': its end may be left out. */
  readonly time: 'point' | 'span' | 'either'
  /** The number after '='; undefined if there is none. */
  readonly measure?: Measure
  /** Words that may stand after '=' instead of a number. */
  readonly word?: 'place' | 'leaving' | 'step'
  readonly about: string
  readonly example: string
}

const kinds = {
  kill: {
    target: 'broker',
    time: 'either',
    about: 'kills the broker (kill -9); started again at the end, if there is one',
    example: 'hub-1@10s..40s'
  },
  'kill-at': {
    target: 'broker',
    time: 'either',
    word: 'step',
    about:
      'kills the broker when it comes to STEP (store-begun, store-committed, store-told, sent or ' +
      'received); started again at the end; with a period again and again, down for half of each',
    example: 'hub-1@10s..40s=store-committed,2s'
  },
  restart: {
    target: 'broker',
    time: 'point',
    about: 'kills the broker and starts it at once',
    example: 'hub-1@10s'
  },
  stop: {
    target: 'broker',
    time: 'either',
    about: 'stops the broker in an orderly way; started again at the end',
    example: 'hub-1@10s..40s'
  },
  'power-off': {
    target: 'broker',
    time: 'either',
    about: 'switches its machine off: silence, nobody is told; started again at the end',
    example: 'hub-1@10s..40s'
  },
  pause: {
    target: 'broker',
    time: 'either',
    about: 'freezes the process (SIGSTOP) until the end; what comes meanwhile piles up',
    example: 'hub-1@10s..20s'
  },
  slow: {
    target: 'broker',
    time: 'either',
    measure: factor,
    about: 'each turn of its event loop takes so many times as long',
    example: 'hub-1@10s..20s=20x'
  },
  cut: {
    target: 'link',
    time: 'either',
    about: 'nothing gets through the link, both ways, and nobody is told',
    example: 'hub-1:spoke-1@10s..40s'
  },
  'one-way': {
    target: 'way',
    time: 'either',
    about: 'nothing gets through from the first broker to the second; the other way is whole',
    example: 'hub-1:spoke-1@10s..40s'
  },
  'half-open': {
    target: 'way',
    time: 'point',
    about: 'breaks the connections at the first broker; the second believes in them until it sends',
    example: 'hub-1:spoke-1@10s'
  },
  reset: {
    target: 'link',
    time: 'point',
    about: 'resets the connections of the link; both brokers may dial again at once',
    example: 'hub-1:spoke-1@10s'
  },
  flap: {
    target: 'link',
    time: 'span',
    measure: timeSpan(20, 600_000),
    about: 'cuts and heals the link again and again: cut for the first half of each period',
    example: 'hub-1:spoke-1@10s..50s=2s'
  },
  throttle: {
    target: 'link',
    time: 'either',
    measure: bandwidth,
    about: 'the link carries no more than this',
    example: 'hub-1:spoke-1@10s..40s=64kbit/s'
  },
  delay: {
    target: 'link',
    time: 'either',
    measure: timeSpan(0, 60_000),
    about: 'the link has this latency, one way',
    example: 'hub-1:spoke-1@10s..40s=200ms'
  },
  resets: {
    target: 'link',
    time: 'either',
    measure: ratePerMinute,
    about: 'the connections of the link are reset so often, at random',
    example: 'hub-1:spoke-1@10s..40s=6/min'
  },
  partition: {
    target: 'groups',
    time: 'either',
    about:
      'cuts every link between brokers of different groups: names of groups, or lists of brokers',
    example: 'west/east@10s..40s'
  },
  isolate: {
    target: 'broker',
    time: 'either',
    about: 'cuts every link of the broker; its clients stay with it',
    example: 'spoke-1@10s..20s'
  },
  'disk-full': {
    target: 'broker',
    time: 'either',
    about: 'every commit of its store fails',
    example: 'hub-1@10s..20s'
  },
  'disk-error': {
    target: 'broker',
    time: 'either',
    about: 'every commit of its store fails, as the disk cannot be written (EIO)',
    example: 'hub-1@10s..20s'
  },
  'disk-slow': {
    target: 'broker',
    time: 'either',
    measure: timeSpan(1, 60_000),
    about: 'every commit of its store takes so long',
    example: 'hub-1@10s..20s=500ms'
  },
  'disk-loss': {
    target: 'broker',
    time: 'either',
    about: 'kills the broker and empties its disk; started again at the end',
    example: 'hub-1@10s..20s'
  },
  'roll-back': {
    target: 'broker',
    time: 'span',
    about: 'copies its data; at the end kills it, and starts it at once on that copy',
    example: 'hub-1@10s..20s'
  },
  clone: {
    target: 'broker',
    time: 'either',
    about:
      'a second process with its name and a copy of its data joins from another machine; killed ' +
      'at the end',
    example: 'hub-1@10s..20s'
  },
  'clock-step': {
    target: 'broker',
    time: 'point',
    measure: clockStep,
    about: 'steps its wall clock',
    example: 'hub-1@10s=+1h'
  },
  poison: {
    target: 'way',
    time: 'point',
    about: 'puts bytes that are no frame on the bridge from the first broker to the second',
    example: 'hub-1:spoke-1@10s'
  },
  move: {
    target: 'client',
    time: 'point',
    word: 'place',
    about: 'sends a client to another broker; with ",abrupt" its connection breaks first',
    example: 'c1@10s=spoke-2'
  },
  leave: {
    target: 'client',
    time: 'point',
    word: 'leaving',
    about: 'ends a client for good; with "=abrupt" its connection breaks',
    example: 'c1@10s'
  },
  arrive: {
    target: 'client',
    time: 'point',
    about: 'brings a client that is not there from the start, or has left',
    example: 'c1@10s'
  },
  'drop-client': {
    target: 'client',
    time: 'point',
    about: "resets a client's connection; it comes back by itself",
    example: 'c1@10s'
  },
  add: {
    target: 'broker',
    time: 'point',
    about: 'a broker that is not there from the start joins the network',
    example: 'spoke-4@20s'
  },
  remove: {
    target: 'broker',
    time: 'point',
    about: 'takes a broker out of the network for good',
    example: 'spoke-3@30s'
  }
} as const satisfies Readonly<Record<string, Omit<FaultKind, 'name'>>>

/** Name of a kind of fault, as written in files and, after '--', on the command line. */
export type FaultKindName = keyof typeof kinds

/** All kinds, in the order people are told of them. */
export const faultKinds: ReadonlyMap<FaultKindName, FaultKind> = new Map(
  (Object.keys(kinds) as FaultKindName[]).map((name) => [name, { name, ...kinds[name] }])
)
