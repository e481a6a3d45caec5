// The room's door. plan/ says what a scenario is made of, as plain data, and draws it from seeds.

export { drawQualities, drawSettings } from './draw-plan.ts'
export { drawTopology, type TopologyFeatures } from './draw-topology.ts'
export {
  type ClientFeature,
  drawFeatures,
  drawWorkload,
  hasChoosyQueues,
  type WorkloadSize
} from './draw-workload.ts'
export type { Expectation, ExpectedFigure } from './expectation.ts'
export type { LinkQuality } from './link-quality.ts'
export type { BrokerOverrides, ScenarioPlan, WorldPlan } from './scenario-plan.ts'
export {
  type CrashStep,
  crashSteps,
  type FaultSpan,
  type Leaving,
  type SimEvent,
  type TimelineStep
} from './timeline.ts'
export type { ConsumerPlan, ProducerPlan } from './workload-plan.ts'
