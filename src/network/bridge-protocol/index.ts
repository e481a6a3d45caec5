// The door of the bridge protocol: frames to bytes and back. No sockets, no state beyond aliases.

export { ByteReader } from './byte-reader.ts'
export { ByteWriter, writeVarint } from './byte-writer.ts'
export {
  type Ack,
  ackFrame,
  type Epoch,
  epochFrame,
  type Lane,
  laneOf,
  lanes,
  type Reception,
  type Rejection,
  type RejectionCode,
  rejectFrame,
  rejectionCodes,
  type Void,
  voidFrame
} from './custody.ts'
export { DataDecoder } from './data-decoder.ts'
export { DataEncoder, dataFrameBytesMax, fitsDataFrame, transferFlags } from './data-encoder.ts'
export { type AliasKind, type Define, defineFrame, resetFrame } from './define.ts'
export { deltaFrame, demandFrame, demandRequestFrame, isDemandKnown } from './demand.ts'
export { type Digest, digestFrame } from './digest.ts'
export { decodeFrame, encodeFrame, type FrameCodec } from './frame-codec.ts'
export { dataQueuedBytesMax, FrameOutput, type FrameOutputShares } from './frame-output.ts'
export { FrameReader, frameTypeName } from './frame-reader.ts'
export * from './frame-types.ts'
export {
  type Grant,
  grantFrame,
  type QueueGrant,
  type QueueShort,
  type Short,
  shortFrame
} from './grant.ts'
export { type Hello, helloFrame } from './hello.ts'
export { type Answer, answerFrame, type Inquiry, inquiryFrame } from './inquiry.ts'
export { NameTable } from './name-table.ts'
export { OriginTable } from './origin-table.ts'
export { type Part, partFrame } from './part.ts'
export { pingFrame, pongFrame } from './ping.ts'
export { compareRecordAhead, peekRecordBroker, recordFrame } from './record.ts'
export {
  goodbyeFrame,
  type Refusal,
  type RefusalCode,
  refusalCodes,
  refuseFrame
} from './refusal.ts'
export { type Receptions, type Start, startFrame } from './start.ts'
