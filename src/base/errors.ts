// The one error class for operating failures. Broken invariants are assertions instead.

import type { ErrorCode } from './error-codes.ts'

/** Facts that go with an error: flat, printable, safe to log. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | undefined>>

/** An operating failure with a stable code, a sentence that says what to do, and its facts. */
export class PostroadError extends Error {
  override readonly name = 'PostroadError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
  }
}

/** True when `error` is a {@link PostroadError}, of the given code if one is given. */
export function isPostroadError(error: unknown, code?: ErrorCode): error is PostroadError {
  return error instanceof PostroadError && (code === undefined || error.code === code)
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
