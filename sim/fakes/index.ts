// The room's door. fakes/ implements the ports on virtual time, from a seed, with the faults the
// real world has.

export { SimClock, type SimClockOptions } from './sim-clock.ts'
export { type NetworkStep, SimHost } from './sim-host.ts'
export { SimLogger, type SimLoggerOptions, type SimLogLine } from './sim-logger.ts'
export { SimLoop } from './sim-loop.ts'
export { SimSegment, type SimSegmentOptions } from './sim-multicast.ts'
export { localQuality, type SimPathQuality } from './sim-path.ts'
export { SimStore, type SimStoreOptions, type StoreStep } from './sim-store.ts'
export { type DialRule, SimNetwork, type SimNetworkOptions } from './sim-transport.ts'
