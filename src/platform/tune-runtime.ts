// Settings of the JavaScript engine for a broker: a process whose first seconds count too.

import { setFlagsFromString } from 'node:v8'

/** From this V8 on (Node 22) a middle compiler closes the gap by itself, and the flag is gone. */
const maglevVersion = 12

/**
 * Has hot functions compiled for speed far sooner than by default. With the default a
 * broker at a thousand messages a second spends its first half minute compiling, a few
 * milliseconds at a time, and one message in a hundred waits for it. Call it before the first
 * connection.
 */
export function tuneRuntime(): void {
  const version = Number.parseInt(process.versions.v8, 10)
  if (version < maglevVersion) setFlagsFromString('--interrupt-budget=8000')
}
