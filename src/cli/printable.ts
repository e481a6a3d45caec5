// Text that comes from clients and from other brokers, made harmless for a terminal.

/**
 * The text on one or more lines, those after the first set in; nothing of it steers the terminal.
 */
export function printable(text: string): string {
  const shown = text.replace(/\p{Cc}/gu, (one) => (one === '\n' || one === '\t' ? one : '\ufffd'))
  return shown.replaceAll('\n', '\n    ')
}
