// The door of the STOMP codec: bytes to frames and frames to bytes, for servers and clients.
// It knows no socket, no session and no broker.

export { mayHaveBody, type StompCommand, stompCommands } from './commands.ts'
export { escapeValue, type StompVersion, unescapeValue } from './escapes.ts'
export { StompFrameView } from './frame-view.ts'
export { defaultStompCodecLimits, type StompCodecLimits } from './limits.ts'
export {
  type HeartBeat,
  heartBeatBytes,
  negotiateVersion,
  parseHeartBeat,
  stompVersions
} from './negotiation.ts'
export { type ParseOutcome, StompParser } from './parser.ts'
export { type EncodeFrameOptions, encodeFrame } from './serializer.ts'
