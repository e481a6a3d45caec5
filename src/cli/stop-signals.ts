// Ctrl-C and termination: the first asks the command to end in an orderly way, a second Ctrl-C ends
// the process at once. A terminal that goes away counts as a request to end.

import { exitCodes } from './exit-codes.ts'

/** Calls `stop` at the first signal that asks the process to end; answers how to listen no more. */
export function onStopSignal(stop: () => void): () => void {
  let isAsked = false
  const ask = (): void => {
    if (isAsked) return
    isAsked = true
    stop()
  }
  const interrupt = (): void => {
    if (isAsked) process.exit(exitCodes.interrupted)
    ask()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', ask)
  process.on('SIGHUP', ask)
  return () => {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', ask)
    process.off('SIGHUP', ask)
  }
}
