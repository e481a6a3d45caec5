// The first bytes of every measured body: which stream the message belongs to, its number in that
// stream, and when it was sent. Both directions stand here. Invariant: the mark fills
// exactly `markBytes` bytes, whatever the rest of the body holds.
//
//   0        4          8               16
//   | stream | sequence | sent at, ms   | filling …
//   | u32 LE | u32 LE   | double LE     |

/** Bytes of the mark; no measured body is shorter. */
export const markBytes = 16

/** The stream of probes, which are sent until a way is open and are never counted. */
export const probeStream = 0xffff_ffff

const scratchDouble = new Float64Array(1)
const scratchBytes = new Uint8Array(scratchDouble.buffer)
// On a big-endian machine both ends of a run still agree: they run on that same machine.

/** Writes a mark at `at`. */
export function writeMark(
  bytes: Buffer,
  at: number,
  mark: { stream: number; sequence: number; sentAtMs: number }
): void {
  bytes.writeUInt32LE(mark.stream, at)
  stampMark(bytes, at, mark.sequence, mark.sentAtMs)
}

/** Renews number and time of a mark that already names its stream. */
export function stampMark(bytes: Buffer, at: number, sequence: number, sentAtMs: number): void {
  bytes[at + 4] = sequence
  bytes[at + 5] = sequence >>> 8
  bytes[at + 6] = sequence >>> 16
  bytes[at + 7] = sequence >>> 24
  scratchDouble[0] = sentAtMs
  for (let i = 0; i < 8; i++) bytes[at + 8 + i] = scratchBytes[i]!
}

/** The stream a mark at `at` names. */
export function markStream(bytes: Buffer, at: number): number {
  return u32(bytes, at)
}

/** The number of the message in its stream. */
export function markSequence(bytes: Buffer, at: number): number {
  return u32(bytes, at + 4)
}

/** When the message was sent, in milliseconds of `sharedNowMs`. */
export function markSentAtMs(bytes: Buffer, at: number): number {
  for (let i = 0; i < 8; i++) scratchBytes[i] = bytes[at + 8 + i]!
  return scratchDouble[0]!
}

function u32(bytes: Buffer, at: number): number {
  const high = (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  return (bytes[at]! | (bytes[at + 1]! << 8) | high) >>> 0
}
