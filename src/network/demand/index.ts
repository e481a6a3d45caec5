// The door of demand: what consumers want, here and at every other broker.

export {
  areSameSelectors,
  compareDemandMarks,
  type DemandDelta,
  type DemandEntry,
  type DemandMark,
  type DemandSnapshot,
  demandBrokersMax,
  demandEntriesMax,
  demandSelectorsMax,
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
export { filtersOf, passesAny } from './selector-union.ts'
