// What happens in a scenario, as plain data: a list of steps, each some time after the one before.
// Being a list, it can be printed, replayed, run on real processes, and made smaller.

import type { LinkQuality } from './link-quality.ts'

/** How a consumer or a producer leaves a broker. */
export type Leaving = 'orderly' | 'abrupt'

/**
 * A point at which a process can be killed: a commit is handed to its disk; a commit is on its disk
 * and nobody has been told; those who wait have been told; bytes of it are on their way; it has
 * read bytes.
 */
export const crashSteps = [
  'store-begun',
  'store-committed',
  'store-told',
  'sent',
  'received'
] as const

/** One of {@link crashSteps}. */
export type CrashStep = (typeof crashSteps)[number]

/** Something that happens to a broker, a link or a client. */
export type SimEvent =
  /** Kills the process (kill -9): its memory is gone, connections to it are reset. */
  | { readonly kind: 'kill'; readonly broker: string }
  /** Kills it when it has come to a step so many times from now on, unless it starts before. */
  | {
      readonly kind: 'kill-at'
      readonly broker: string
      readonly step: CrashStep
      readonly times: number
    }
  /** Stops it in an orderly way. */
  | { readonly kind: 'stop'; readonly broker: string }
  /** Switches its machine off: silence. */
  | { readonly kind: 'power-off'; readonly broker: string }
  /** Starts a broker that is down; does nothing to one that is up. */
  | { readonly kind: 'start'; readonly broker: string }
  | { readonly kind: 'start-all' }
  /** Freezes the process (SIGSTOP) until resumed; what comes meanwhile piles up. */
  | { readonly kind: 'pause'; readonly broker: string }
  | { readonly kind: 'resume'; readonly broker: string }
  /** Each turn of its event loop takes `factor` times as long; 1 ends it. */
  | { readonly kind: 'slow'; readonly broker: string; readonly factor: number }
  /** Takes a broker out of the network for good: stopped, and not started at the end. */
  | { readonly kind: 'remove'; readonly broker: string }
  /** Steps the wall clock of a broker. */
  | { readonly kind: 'clock-step'; readonly broker: string; readonly byMs: number }
  /** Every commit of its store fails from now on. */
  | { readonly kind: 'disk-full'; readonly broker: string }
  | { readonly kind: 'disk-ok'; readonly broker: string }
  /** Every flush of its store fails from now on; 'disk-ok' ends it. */
  | { readonly kind: 'disk-error'; readonly broker: string }
  /** Every commit of its store takes so long; 0 ends it. */
  | { readonly kind: 'disk-slow'; readonly broker: string; readonly ms: number }
  /** Kills the broker and empties its disk. */
  | { readonly kind: 'disk-loss'; readonly broker: string }
  /** Puts a copy of its data aside. */
  | { readonly kind: 'disk-copy'; readonly broker: string }
  /** Kills the broker and puts that copy in the place of its data; without one does nothing. */
  | { readonly kind: 'disk-restore'; readonly broker: string }
  /** A second process with its name and a copy of its data starts, on a machine of its own. */
  | { readonly kind: 'clone'; readonly broker: string }
  /** Kills that process; what it has is gone. */
  | { readonly kind: 'clone-end'; readonly broker: string }
  /** Nothing gets through, nobody is told. */
  | { readonly kind: 'cut'; readonly a: string; readonly b: string }
  /** Nothing gets through from `from` to `to`; the other way is whole. */
  | { readonly kind: 'cut-one-way'; readonly from: string; readonly to: string }
  | { readonly kind: 'heal'; readonly a: string; readonly b: string }
  | { readonly kind: 'heal-all' }
  /** Cuts every link between brokers of different groups, heals those within a group. */
  | { readonly kind: 'partition'; readonly groups: readonly (readonly string[])[] }
  /** Resets the connections between two brokers; both may dial again at once. */
  | { readonly kind: 'reset'; readonly a: string; readonly b: string }
  /** Breaks the connections at `a` only; `b` believes in them until it sends. */
  | { readonly kind: 'half-open'; readonly a: string; readonly b: string }
  /** Changes how good a link is; what is left out stays. */
  | {
      readonly kind: 'quality'
      readonly a: string
      readonly b: string
      readonly quality: Partial<LinkQuality>
    }
  /** Puts bytes that are no frame on the bridge from `from` to `to`. */
  | { readonly kind: 'poison'; readonly from: string; readonly to: string }
  /** Sends a client to another broker, or away from one and back. */
  | {
      readonly kind: 'move'
      readonly client: string
      readonly to: string
      readonly leaving: Leaving
    }
  /** Brings a client of the plan that is not there. */
  | { readonly kind: 'arrive'; readonly client: string }
  /** Ends a client for good. */
  | { readonly kind: 'leave'; readonly client: string; readonly leaving: Leaving }
  /** Resets a client's connection; it comes back by itself. */
  | { readonly kind: 'drop-client'; readonly client: string }
  /** A consumer reads and says nothing until it wakes, or its connection ends. */
  | { readonly kind: 'stall-client'; readonly client: string }
  | { readonly kind: 'wake-client'; readonly client: string }
  /** A client sends bytes that are no frame, or a frame without what it needs. */
  | { readonly kind: 'misspeak'; readonly client: string; readonly what: 'bytes' | 'frame' }
  /** Waits until brokers and clients have got over everything; a stable phase begins. */
  | { readonly kind: 'settle' }

/** One thing that happens, some time after the one before. */
export interface TimelineStep {
  /** Time since the step before, or since the network was at work. */
  readonly afterMs: number
  readonly event: SimEvent
}

/** A fault as people see it: what, from when to when. Steps of the timeline make it happen. */
export interface FaultSpan {
  /** As written, such as 'kill hub-1'. */
  readonly text: string
  /** Since the network was at work. */
  readonly fromMs: number
  /** Undefined if it does not end, or is over at once. */
  readonly toMs: number | undefined
  /** Brokers it concerns directly. */
  readonly brokers: readonly string[]
}
