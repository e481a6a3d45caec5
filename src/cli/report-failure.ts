// The end of a command that failed: one sentence on standard error for what the world did, a stack
// only for what we did wrong ourselves or when `--debug` asks for it.

import { isPostroadError, messageOf } from '../base/index.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** Says what went wrong; answers the exit code that goes with it. */
export function reportFailure(error: unknown, isDebugging: boolean): ExitCode {
  if (isPostroadError(error)) {
    process.stderr.write(`postroad: ${error.message}\n`)
    if (isDebugging) process.stderr.write(`${error.code} ${stackOf(error)}\n`)
    return exitCodes.failed
  }
  process.stderr.write(`postroad: a bug of Postroad itself, please report it\n${stackOf(error)}\n`)
  return exitCodes.assertionFailed
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
