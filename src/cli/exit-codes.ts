// What the process's exit code means, for scripts.

/** Exit codes of every command. */
export const exitCodes = {
  good: 0,
  /** The command was understood and failed, or did not find what it waited for. */
  failed: 1,
  /** The command line itself is wrong. */
  wrongUsage: 2,
  /** A broken invariant of Postroad's own: a bug. */
  assertionFailed: 70,
  /** Ctrl-C pressed a second time. */
  interrupted: 130
} as const

/** One of the codes above. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
