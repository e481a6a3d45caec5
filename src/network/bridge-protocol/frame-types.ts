// The type byte of every bridge frame, and the limits both ends hold each other to. The numbers are
// on the wire for good: a new frame takes a new number, an old one is never used again.

/** Name to type byte. A receiver skips types from 128 on; others it does not know are faults. */
export const frameTypes = {
  hello: 1,
  start: 2,
  refuse: 3,
  goodbye: 4,
  ping: 5,
  pong: 6,
  part: 7,
  record: 16,
  digest: 17,
  demand: 18,
  delta: 19,
  demandRequest: 20,
  inquiry: 21,
  answer: 22,
  grant: 23,
  short: 24,
  epoch: 32,
  define: 33,
  reset: 34,
  data: 35,
  ack: 36,
  reject: 37,
  void: 38
} as const

/** First type byte of those a receiver may skip: room for extensions that old brokers ignore. */
export const skippableTypeFirst = 128

/** WebSocket subprotocol of bridges; the bytes inside are the same as over TCP. */
export const bridgeSubprotocol = 'postroad.1'

/** The protocol version spoken here, and the oldest one still understood. */
export const protocolVersion = 1
export const protocolVersionMin = 1

/** Bytes of the length field in front of every frame. */
export const lengthFieldBytes = 4
/** Longest frame before HELLO has been accepted, when the other end is still a stranger. */
export const greetingFrameBytesMax = 4 * 1024 * 1024
/** A broker must take frames of at least this length, so that parts always fit. */
export const frameBytesMaxLeast = 65_536
/** Longest payload of one PART frame; longer control frames travel as several. */
export const partBytesMax = 32_000
/** Longest control frame, parts put together. */
export const controlBytesMax = 64 * 1024 * 1024

/** Longest broker, network, connector or identity text in bytes. */
export const nameBytesMax = 255
/** Longest destination pattern in bytes, with the 'queue://' in front. */
export const patternBytesMax = 1100
/** Most lines in each half of a digest. */
export const digestEntriesMax = 100_000
/** Most queues in one GRANT or SHORT. */
export const grantQueuesMax = 1_000
/** Longest explanation in REFUSE and GOODBYE, in bytes. */
export const refusalTextBytesMax = 1024
/** Aliases of one kind that one direction of a connection may define before it must RESET. */
export const aliasesMax = 65_536
/** Most brokers in the path of one message. */
export const pathLengthMax = 255
/** Most target brokers of one message. */
export const targetsMax = 4096
