// The door of the scenario files: YAML in, a rehearsal with every problem out, and the plan of it.

export { checkFault, type FaultGround, findLink } from './check-fault.ts'
export { type FaultKind, type FaultKindName, faultKinds } from './fault-kinds.ts'
export {
  type Fault,
  formatFault,
  formOf,
  isMistake,
  type Mistake,
  readFault
} from './fault-text.ts'
export { figures } from './figures.ts'
export { bandwidth, correctedMeasure, ratePerMinute, timeSpan } from './measures.ts'
export { clientsOf, groundOf, planOfRehearsal } from './plan-of-rehearsal.ts'
export { findTooMany } from './read-clients.ts'
export { fileKindOf, readRehearsal, readScenario, type ScenarioReading } from './read-scenario.ts'
export { durationOf, type Rehearsal, type TopologyOrigin } from './rehearsal.ts'
export type { OpenFile } from './scenario-check.ts'
export { scenarioBounds, scenarioJsonSchema } from './scenario-schema.ts'
export { writeScenario } from './write-scenario.ts'
