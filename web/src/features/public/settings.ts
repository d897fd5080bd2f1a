/** What everybody must know of the city, asked once a visit: its zone, and whether a number is proved by a code. */
import { client, got, type Schemas } from '@/api/client'
import { setZone } from '@/zone'

type Settings = Schemas['PublicSettings']

let asked: Promise<Settings | null> | undefined

/** The settings; null while the network is away, and then they are asked for again. */
export async function publicSettings(): Promise<Settings | null> {
  asked ??= got(client.GET('/api/public/settings')).catch(() => null)
  const found = await asked
  if (found)
    setZone(found.zone)
  else
    asked = undefined
  return found
}
