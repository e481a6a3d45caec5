// Assertions stay on in production: a broken invariant of ours must stop the process before it can
// lose or duplicate a message. Never assert on what a peer sent: that is a protocol error.

/** Thrown by {@link assert}; never caught by Postroad's own code. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure'
}

/**
 * Throws {@link AssertionFailure} unless `condition` holds.
 * @param message what must hold, as a constant (build no string on a hot path)
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message)
}

/** For the default branch of a switch over a union: the compiler proves it is not reached. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${String(value)}`)
}
