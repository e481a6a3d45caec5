// The inner door of forwarding/: what leaves this broker, by which bridge, and what waits for a
// way.

export {
  type BridgeState,
  type BrokerRoute,
  type ConsumerHere,
  explainRoute,
  type QueueCandidate,
  type RouteExplanation,
  type RouteView
} from './explain-route.ts'
export type { Sender } from './intake.ts'
export { Intakes, type SenderGrant } from './intakes.ts'
export { MessageRouter, type ReturnedMessage } from './message-router.ts'
export { defaultParkingLimits, Parking, type ParkingLimits } from './parking.ts'
export type { ParkedReason } from './parking-place.ts'
export type { ParkedEntry, ParkedFor } from './parking-places.ts'
export { openCredit, RemoteConsumer, redirectsMax } from './remote-consumer.ts'
export { RemoteConsumers } from './remote-consumers.ts'
export { type RouteReason, routeReasons } from './route-reason.ts'
