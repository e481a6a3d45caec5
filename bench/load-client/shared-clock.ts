// A clock that all processes of one machine agree on, cheap enough to read for every message: the
// machine's monotonic clock, which process.hrtime reads and performance.now() counts from an origin
// of each process. The origin is measured once. Invariant: never steps back within a process.

const originMs = measureOrigin()

/** Milliseconds of the machine's monotonic clock, with fractions. */
export function sharedNowMs(): number {
  return performance.now() + originMs
}

/** The tightest of some readings: being interrupted between the two clocks only widens the gap. */
function measureOrigin(): number {
  let tightestMs = Number.POSITIVE_INFINITY
  let origin = 0
  for (let i = 0; i < 20; i++) {
    const before = performance.now()
    const machineMs = Number(process.hrtime.bigint()) / 1e6
    const after = performance.now()
    if (after - before < tightestMs) {
      tightestMs = after - before
      origin = machineMs - (before + after) / 2
    }
  }
  return origin
}
