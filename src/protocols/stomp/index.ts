// The room's door. protocols/stomp/ translates between STOMP frames and the broker's core.

export {
  type Authenticator,
  type ConnectRequest,
  openAuthenticator,
  userListAuthenticator
} from './authenticator.ts'
export { defaultStompLimits, type StompLimits } from './stomp-limits.ts'
export { StompServer, type StompServerOptions, stompSubprotocols } from './stomp-server.ts'
