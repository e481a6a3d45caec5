// Entry of the bare relay's process: `node bare-relay-process.js PORT`. Says `ready PORT` on
// stdout, as a broker does, and ends with its parent.

import { startBareRelay } from './bare-relay.ts'

const port = Number(process.argv[2] ?? '0')
const relay = await startBareRelay(port)
process.stdout.write(`ready ${relay.port}\n`)
process.on('SIGTERM', () => process.exit(0))
process.on('disconnect', () => process.exit(0))
