// The room's door. discovery/ finds out which brokers a network connector should join; it hands
// over transport URIs and never dials them.

export {
  type DiscoveryUri,
  discoveryUriLengthMax,
  discoveryUrisMax,
  parseDiscoveryUri
} from './discovery-uri.ts'
export { durationForm, durationPattern, formatDurationMs, parseDurationMs } from './duration.ts'
