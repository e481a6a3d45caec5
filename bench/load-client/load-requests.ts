// What the benchmark and its load processes say to each other over the process channel. Types
// only. Invariant: every request is answered by exactly one reply of the same id; a fault may come
// any time.

import type { ConsumerReport, Mark, Opened, ProducerReport } from './load-group.ts'
import type { LoadPlan, StompEndpoint } from './load-plan.ts'

/** What a load process is: decided by its first request. */
export type LoadRole =
  | { readonly role: 'producers'; readonly plan: LoadPlan; readonly endpoint: StompEndpoint }
  | { readonly role: 'consumers'; readonly plan: LoadPlan; readonly endpoint: StompEndpoint }
  | { readonly role: 'idle'; readonly connections: number; readonly endpoint: StompEndpoint }

/** Each question with what it needs and what answers it. */
export interface LoadRequests {
  open: { input: LoadRole; output: Opened }
  probe: { input: null; output: null }
  probesMissing: { input: null; output: number }
  start: { input: null; output: null }
  mark: { input: null; output: Mark }
  stop: { input: null; output: ProducerReport }
  drain: { input: { readonly sent: readonly number[] }; output: ConsumerReport }
}

/** Names of the questions. */
export type LoadRequestName = keyof LoadRequests

/** One question on its way. */
export interface LoadRequest {
  readonly id: number
  readonly name: LoadRequestName
  readonly input: unknown
}

/** What comes back: an answer, a refusal, or news that the load broke down. */
export type LoadReply =
  | { readonly kind: 'answer'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly reason: string }
  | { readonly kind: 'fault'; readonly reason: string }
