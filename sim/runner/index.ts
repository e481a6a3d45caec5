// The room's door. runner/ runs many seeds on all cores and tells how they ended.

export { type JobPoolOwner, runJobs } from './job-pool.ts'
export { drawnScenario, type JobsWanted, makeJobs } from './make-jobs.ts'
export { type KeptPlan, keepPlan, readPlan } from './plan-file.ts'
export { type Job, type JobResult, runJob } from './run-job.ts'
export {
  details,
  progressLine,
  replayOf,
  runLine,
  summaryLine,
  type Totals
} from './run-report.ts'
export { serveJobs } from './serve-jobs.ts'
