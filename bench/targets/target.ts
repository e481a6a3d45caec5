// What can be measured, as an interface: something that accepts STOMP, one broker or a chain of
// them. Invariant: what a target started, its `stop` ends.

import type { StompEndpoint } from '../load-client/load-plan.ts'

/** One broker process of a running target. */
export interface BrokerProcess {
  /** 'a', 'b' … along the chain. */
  readonly name: string
  /** Undefined when the process is not ours and its pid was not given. */
  readonly pid: number | undefined
}

/** A target that accepts connections. */
export interface RunningTarget {
  /** Where producers connect: the first broker. */
  readonly first: StompEndpoint
  /** Where consumers connect: the last broker. */
  readonly last: StompEndpoint
  readonly brokers: readonly BrokerProcess[]
  /** Ends what was started. Rejects with what went wrong in a broker meanwhile, if anything did. */
  stop(): Promise<void>
}

/** A target whose processes were just spawned and may not accept connections yet. */
export interface LaunchedTarget extends RunningTarget {
  /** The moment of the spawn, by performance.now(). */
  readonly spawnedAtMs: number
  /** Resolves when the process has ended, with how. */
  readonly ended: Promise<string>
}

/** How brokers are started. */
export interface StartOptions {
  /** True for brokers that keep messages on disk. */
  readonly isOnDisk?: boolean
}

/** Something to measure. */
export interface Target {
  /** As printed and as given to --target. */
  readonly name: TargetName
  /** The longest chain it can form. */
  readonly brokersMax: number
  /** False for a broker that runs already, whose start cannot be timed. */
  readonly canStart: boolean
  /** Starts a chain of that many brokers and answers when it says it is ready. */
  start(brokers: number, options?: StartOptions): Promise<RunningTarget>
  /** Starts one broker and answers where it will listen, without waiting for it to be ready. */
  launch(): Promise<LaunchedTarget>
}

/** The kinds of targets. */
export type TargetName = 'bare-relay' | 'postroad' | 'external'

/** A local endpoint without a login. */
export function localEndpoint(port: number): StompEndpoint {
  return { host: '127.0.0.1', port, virtualHost: '127.0.0.1' }
}
