// The states of one dialler and the moves between them, as a table that the documentation shows
// too. A state carries exactly the data it needs. A move that is not in the table is a broken
// invariant.

/** Where a dialler is. Times are monotonic milliseconds of the broker's clock. */
export type DialState =
  | { readonly name: 'idle' }
  /** A retry is scheduled; `attempt` dials in a row have failed. */
  | { readonly name: 'waiting'; readonly attempt: number; readonly untilMs: number }
  /** A connection is being made. */
  | { readonly name: 'dialling'; readonly attempt: number }
  /** Connected; the brokers are introducing themselves, against a deadline. */
  | { readonly name: 'greeting'; readonly attempt: number }
  /** This dialler's connection is the bridge to `peer`. */
  | { readonly name: 'bridged'; readonly peer: string; readonly sinceMs: number }
  /** The pair is bridged by another connection; dials again when that one ends. */
  | { readonly name: 'standby'; readonly peer: string }
  | { readonly name: 'stopped' }

/** State to the states that may follow it. */
export const dialTransitions = {
  idle: ['dialling', 'stopped'],
  waiting: ['dialling', 'stopped'],
  dialling: ['greeting', 'waiting', 'stopped'],
  greeting: ['bridged', 'standby', 'waiting', 'stopped'],
  bridged: ['standby', 'waiting', 'stopped'],
  standby: ['waiting', 'stopped'],
  stopped: []
} as const satisfies Record<DialState['name'], readonly DialState['name'][]>

/** True when the table allows the move. */
export function mayFollow(from: DialState['name'], to: DialState['name']): boolean {
  const allowed: readonly DialState['name'][] = dialTransitions[from]
  return allowed.includes(to)
}
