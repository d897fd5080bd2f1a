/** Sending a spreadsheet as it is: the body of the request is the file. */
import { got, client } from '@/api/client'

type Path = '/api/categories/schemes' | '/api/calendar/days' | '/api/staff/roster' | '/api/assets/sheet'

// openapi-fetch would write the body as JSON; a file goes as it is.
const asItIs = { bodySerializer: (body: unknown) => body as Blob, headers: { 'Content-Type': 'application/octet-stream' } }

export function sendSheet(path: Path, file: Blob, query: { dry: boolean, name?: string }) {
  return got(client.POST(path, { params: { query }, body: file as never, ...asItIs } as never))
}
