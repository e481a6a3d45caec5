// The room's door. base/ knows nothing of messaging: plain building blocks every room may use.

export { AssertionFailure, assert, unreachable } from './assert.ts'
export { type ErrorCode, errorCodes } from './error-codes.ts'
export { type ErrorFacts, isPostroadError, messageOf, PostroadError } from './errors.ts'
export { Heap } from './heap.ts'
export { isoTime } from './iso-time.ts'
export { OutputBuffer, SlabPool } from './output-buffer.ts'
export { quoted } from './quoted.ts'
export { marksOnlyIn, type RecoveryMark, recoveryMarks } from './recovery-mark-table.ts'
export {
  addMarkCounts,
  type MarkCounts,
  mark,
  marksHit,
  marksNotHit,
  resetMarks
} from './recovery-marks.ts'
export { RingQueue } from './ring-queue.ts'
export {
  type Carrier,
  parseTransportUri,
  type TransportUri,
  transportUriWithPort
} from './transport-uri.ts'
