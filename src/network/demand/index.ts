// The door of demand: what consumers want, here and at every other broker.

export {
  compareDemandMarks,
  type DemandDelta,
  type DemandEntry,
  type DemandMark,
  type DemandSnapshot,
  demandBrokersMax,
  demandEntriesMax,
  demandWeightMax,
  type RemovedDemand,
  weightOfCredit
} from './demand-entry.ts'
export {
  type DemandChange,
  type DemandMatch,
  DemandTable,
  type DemandTableLimits,
  type QueueDemand
} from './demand-table.ts'
export { KeptDemand } from './kept-demand.ts'
export { LocalDemand } from './local-demand.ts'
