// The room's door. station/ puts one broker together from the other rooms.

export { Station, type StationPorts } from './station.ts'
export type { ListenerOptions, StationOptions } from './station-options.ts'
