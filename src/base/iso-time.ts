// A time on the wall clock as text. Nothing here reads a clock, nor what depends on the machine's
// time zone.

const dayMs = 86_400_000
/** Days of 400 years, after which the calendar begins anew. */
const eraDays = 146_097

/** ISO 8601 in UTC with milliseconds, such as '2026-03-01T08:15:00.250Z'. */
export function isoTime(wallMs: number): string {
  const whole = Math.floor(wallMs)
  const days = Math.floor(whole / dayMs)
  const { year, month, day } = civilDate(days)
  const ms = whole - days * dayMs
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1_000) % 60].map((n) => digits(n, 2))
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`
  return `${date}T${clock.join(':')}.${digits(ms % 1_000, 3)}Z`
}

/** The Gregorian date of a day counted from 1970-01-01. Years begin in March while it reckons. */
function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468
  const era = Math.floor(shifted / eraDays)
  const dayOfEra = shifted - era * eraDays
  const leaps =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

function digits(value: number, width: number): string {
  return String(Math.floor(value)).padStart(width, '0')
}
