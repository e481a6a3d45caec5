// Every operating failure Postroad can name, in one table. The prefix says who is to blame:
// LOCAL_ is this process or its operator, REMOTE_ is the other end of a connection.
// docs/reference/errors.md lists the same codes; a test holds the two together.

/** Code to one-line meaning. Codes are stable: logs, docs and tests match on them. */
export const errorCodes = {
  LOCAL_ADDRESS_IN_USE: 'another program listens on this address',
  LOCAL_LISTEN_FAILED: 'the operating system refused to open the listener',
  LOCAL_BROKER_FULL: "the broker's memory or spool is full, and producers are refused",
  LOCAL_BAD_URI: 'a transport or discovery URI cannot be read',
  LOCAL_CONFIG_INVALID: 'the topology file breaks a rule of its format',
  LOCAL_CONFIG_UNREADABLE: 'the topology file cannot be opened or is not YAML',
  LOCAL_DESTINATION_INVALID: 'a destination name breaks a rule of naming',
  LOCAL_FRAME_INVALID: 'a frame to be sent breaks a rule of its protocol',
  LOCAL_LIMIT_REACHED: 'a configured limit is reached',
  LOCAL_QUEUE_FULL: 'a queue or durable subscription is full, and producers are refused',
  LOCAL_SELECTOR_INVALID: 'a selector cannot be parsed',
  LOCAL_STORE_FAILED: 'the message store could not be read or written',
  LOCAL_STORE_FULL: 'the message store has no room left',
  LOCAL_TIMEOUT: 'the other end did not answer in time',
  REMOTE_CONNECT_FAILED: 'the other end could not be reached',
  REMOTE_CLOSED: 'the other end closed the connection',
  REMOTE_FRAME_MALFORMED: 'the other end sent bytes that break the protocol',
  REMOTE_FRAME_TOO_LARGE: 'the other end sent a frame over the configured limit',
  REMOTE_PROTOCOL_VIOLATION: 'the other end sent a valid frame at the wrong time',
  REMOTE_REFUSED: 'the other end refused, and said why',
  REMOTE_NOT_AUTHENTICATED: 'the login or passcode is wrong'
} as const

/** One of the stable codes above. */
export type ErrorCode = keyof typeof errorCodes
