// The commands of STOMP 1.0 to 1.2, client's and server's [STOMP 1.2 Augmented BNF]. They are found
// by their bytes and handed on as the same string constants every time, so that sessions may switch
// on them and the parser makes no string per frame.

/** Every command of every version. NACK came with 1.1; STOMP is another name of CONNECT. */
export const stompCommands = [
  'CONNECT',
  'STOMP',
  'SEND',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'ACK',
  'NACK',
  'BEGIN',
  'COMMIT',
  'ABORT',
  'DISCONNECT',
  'CONNECTED',
  'MESSAGE',
  'RECEIPT',
  'ERROR'
] as const

/** One of {@link stompCommands}. */
export type StompCommand = (typeof stompCommands)[number]

/** Length of the longest command, UNSUBSCRIBE. */
export const commandBytesMax = 11

// Length and first letter tell all commands apart, so one look-up leaves one candidate.
const byShape: (StompCommand | undefined)[] = new Array((commandBytesMax + 1) * 32).fill(undefined)
for (const command of stompCommands)
  byShape[shapeOf(command.length, command.charCodeAt(0))] = command

function shapeOf(length: number, firstByte: number): number {
  return (length << 5) | (firstByte & 31)
}

/** The command spelled by `bytes[start…end)`, case sensitive; undefined if there is none. */
export function findCommand(bytes: Buffer, start: number, end: number): StompCommand | undefined {
  const length = end - start
  if (length < 1 || length > commandBytesMax) return undefined
  const command = byShape[shapeOf(length, bytes[start]!)]
  if (command === undefined) return undefined
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== command.charCodeAt(index)) return undefined
  }
  return command
}

/** True for SEND, MESSAGE and ERROR: other frames have no body [STOMP 1.2 Body]. */
export function mayHaveBody(command: StompCommand): boolean {
  return command === 'SEND' || command === 'MESSAGE' || command === 'ERROR'
}
