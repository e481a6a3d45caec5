// A report as JSON, for programs. Figures that could not be measured (undefined) are left out; of
// numbers that JSON does not have, NaN and infinite ones, null stands in their place.

import type { Report } from './report.ts'

/** Raised when a reader of the format before would misread this one. */
export const reportFormat = 1

/** A report with the version of its format. */
export type ReportJson = Report & { readonly format: typeof reportFormat }

/** Plain data that `JSON.stringify` keeps as it is. */
export function reportToJson(report: Report): ReportJson {
  return { format: reportFormat, ...(plain(report) as Report) }
}

function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map((one) => plain(one) ?? null)
  if (typeof value !== 'object' || value === null) return value
  const fields: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) fields[name] = plain(field)
  }
  return fields
}
