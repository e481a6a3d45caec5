import test from 'ava'
import { SimLogger } from '../../sim/fakes/index.ts'
import { loggerSuite } from './logger.suite.ts'
import { simWorld } from './sim-world.ts'

loggerSuite(test, 'simulated logger', () => {
  const world = simWorld('logger')
  const logger = new SimLogger({ nowMs: () => world.scheduler.nowMs })
  const lines = () => logger.lines.map(({ level, event, fields }) => ({ level, event, fields }))
  return { ...world, logger, lines }
})
