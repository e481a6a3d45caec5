// Waiting for a condition, never for a time.

/** How long a condition may take on a busy machine. */
const waitMsMax = 15_000
const pollMs = 10

/**
 * Waits until `isTrue`, asking again and again.
 * @param what said if it does not become true: a string, or a function for what is known only then
 * @throws Error after `msMax` milliseconds
 */
export async function waitUntil(
  what: string | (() => string),
  isTrue: () => boolean | Promise<boolean>,
  msMax = waitMsMax
): Promise<void> {
  const endMs = performance.now() + msMax
  for (;;) {
    if (await isTrue()) return
    if (performance.now() > endMs) {
      throw new Error(`not within ${msMax} ms: ${typeof what === 'string' ? what : what()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** The value of `promise`, or an error naming `what` after `msMax` milliseconds. */
export async function withinTime<T>(
  what: string,
  promise: Promise<T>,
  msMax = waitMsMax
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${msMax} ms: ${what}`)), msMax)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
