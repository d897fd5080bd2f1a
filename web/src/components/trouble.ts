/** What to do with an error that no page has caught. */
import { Problem } from '@/api/client'

/** Vue says where an error came from; in production as the address of its explanation. */
export function fromHandler(info: string): boolean {
  return /event handler/i.test(info) || /runtime-(?:5|6)$/.test(info)
}

/** Whether the page cannot be shown at all: it is somebody else's, or it is not there. */
export function closes(error: unknown, info: string): error is Problem {
  return error instanceof Problem && [401, 403, 404].includes(error.status) && !fromHandler(info)
}
