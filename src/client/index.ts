// The room's door. client/ is the client side of Postroad's protocols, over the stream port.

export { type ReplyHandler, ReplyMailbox } from './reply-mailbox.ts'
export { receiptsMax, StompClient } from './stomp-client.ts'
export type {
  ReceivedMessage,
  SendOptions,
  StompClientHandlers,
  StompClientOptions,
  StompClientPorts,
  SubscribeRequest
} from './stomp-client-options.ts'
