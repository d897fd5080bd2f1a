import { beforeEach, describe, expect, it } from 'vitest'
import { Problem, type Schemas } from '@/api/client'
import { pause, sendAll, type Carrier } from './queue'
import { fromOld, type Author, type Shelf, type Waiting } from './store'

const ANNA: Author = { account: 'anna', name: 'Anna', post: 'unit-1', postName: 'unit head' }
const BEN: Author = { account: 'ben', name: 'Ben', post: 'unit-2', postName: 'unit head' }
const who = ({ account, post }: Author) => ({ account, post })

function written(id: string, author: Author | null, change: Partial<Waiting> = {}): Waiting {
  return {
    id, author, owner: author?.account ?? '', photos: [], sent: [], status: 'waiting', category: 'Light',
    writtenAt: `2026-11-28T09:00:0${id.length}.${id}`, tries: 0, retryAt: 0,
    body: { text: id, category: '0301', address_text: '', answers: {}, severity: 2, claims: [], anonymous: false },
    ...change,
  }
}

/** An entry as the first edition kept it. */
function asBefore({ id, body, photos, sent, status, category, writtenAt }: Waiting): Parameters<typeof fromOld>[0] {
  return { id, body, photos, sent, status, category, writtenAt }
}

/** A phone's memory in a map, with the same contract as the one in IndexedDB. */
class Memory implements Shelf {
  entries = new Map<string, Waiting>()
  put(...entries: Waiting[]): void {
    entries.forEach(one => this.entries.set(one.id, one))
  }

  async waiting(account: string): Promise<Waiting[]> {
    return [...this.entries.values()].filter(one => one.owner === account && one.status === 'waiting')
      .sort((a, b) => a.writtenAt.localeCompare(b.writtenAt))
  }

  get = async (id: string): Promise<Waiting | undefined> => this.entries.get(id)
  async update(id: string, change: Partial<Waiting>): Promise<void> {
    const old = this.entries.get(id)
    if (old)
      this.entries.set(id, { ...old, ...change })
  }

  async forget(before: string): Promise<void> {
    for (const one of [...this.entries.values()]) {
      if (one.status === 'sent' && one.writtenAt < before)
        this.entries.delete(one.id)
    }
  }
}

/** A server that refuses as told, and remembers who sent what. */
class Server implements Carrier {
  refuses = new Map<string, Problem>()
  got: { id: string, by: string, photos: string[] }[] = []
  photos: string[] = []
  up = true
  clock = Date.parse('2026-11-28T10:00:00Z')
  online = (): boolean => this.up
  now = (): number => this.clock
  photo = async (file: Blob): Promise<string> => {
    const name = await file.text()
    const no = this.refuses.get(name)
    if (no)
      throw no
    this.photos.push(name)
    return `id-${name}`
  }

  report = async (body: Schemas['ReportIn'], author: Author): Promise<Schemas['Receipt']> => {
    const no = this.refuses.get(body.client_id)
    if (no)
      throw no
    this.got.push({ id: body.client_id, by: author.account, photos: body.photos ?? [] })
    return { event_no: `E-${body.client_id}` } as Schemas['Receipt']
  }
}

const refused = (status: number, words = 'no', code = 'x'): Problem => new Problem(status, code, words)
let shelf: Memory
let server: Server
beforeEach(() => {
  shelf = new Memory()
  server = new Server()
})
const state = (id: string): Waiting => shelf.entries.get(id)!

describe('on a shared phone', () => {
  it('sends only what the signed-in account wrote', async () => {
    shelf.put(written('a', ANNA), written('bb', BEN))
    await sendAll(who(BEN), shelf, server)
    expect(server.got).toEqual([{ id: 'bb', by: 'ben', photos: [] }])
    expect(state('a').status).toBe('waiting')
    await sendAll(who(ANNA), shelf, server)
    expect(server.got.map(one => one.by)).toEqual(['ben', 'anna'])
  })

  it('sends only what was written in the post that one acts in', async () => {
    shelf.put(written('a', ANNA))
    await sendAll({ account: 'anna', post: 'another' }, shelf, server, true)
    expect(server.got).toEqual([])
  })

  it('leaves what the first edition kept to whoever says that it is theirs', async () => {
    const old = asBefore(written('a', ANNA))
    shelf.put(fromOld(old))
    await sendAll(who(BEN), shelf, server, true)
    await sendAll(who(ANNA), shelf, server, true)
    expect(server.got).toEqual([])
    expect(state('a')).toMatchObject({ author: null, owner: '', why: 'unclaimed', body: { text: 'a' } })
  })

  it('stops when the server says that somebody else is signed in by now', async () => {
    shelf.put(written('a', ANNA), written('bb', ANNA))
    server.refuses.set('a', refused(409, 'no', 'written_by_somebody_else'))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'waiting', why: 'signIn', tries: 0 })
    expect(server.got).toEqual([])
  })
})

describe('the first edition\'s entries', () => {
  it('keep words, photos and what had arrived', () => {
    const old = asBefore(written('a', ANNA, { photos: [new Blob(['p'])], sent: ['id-p'] }))
    expect(fromOld(old)).toMatchObject({ id: 'a', sent: ['id-p'], status: 'waiting', tries: 0, retryAt: 0 })
    expect(fromOld(old).photos).toHaveLength(1)
  })

  it('keep the sentence with which they were refused', () => {
    const old = asBefore(written('a', ANNA, { status: 'refused' }))
    expect(fromOld({ ...old, refusal: 'Too far away' })).toMatchObject({ status: 'refused', why: 'refused', words: 'Too far away' })
    expect(fromOld({ ...old, refusal: 'Too far away' })).not.toHaveProperty('refusal')
  })
})

describe('one bad report', () => {
  it.each([400, 403, 404, 409, 413, 422])('that is refused with %i needs its author and holds nobody', async (status) => {
    shelf.put(written('a', ANNA), written('bb', ANNA))
    server.refuses.set('a', refused(status, 'A photo is needed.'))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'refused', why: 'refused', words: 'A photo is needed.' })
    expect(state('bb').status).toBe('sent')
  })

  it.each([408, 429, 500, 502, 503])('that meets %i is tried later, ever more rarely, and holds nobody', async (status) => {
    shelf.put(written('a', ANNA), written('bb', ANNA))
    server.refuses.set('a', refused(status, 'Busy.'))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'waiting', why: 'busy', words: 'Busy.', tries: 1, retryAt: server.clock + pause(1) })
    expect(state('bb').status).toBe('sent')
    server.refuses.delete('a')
    await sendAll(who(ANNA), shelf, server)
    expect(state('a').status).toBe('waiting')
    server.clock += pause(1)
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'sent', why: undefined })
  })

  it('with a photo that the phone has lost needs its author and holds nobody', async () => {
    shelf.put(written('a', ANNA, { photos: [new Blob([])] }), written('bb', ANNA))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'refused', why: 'photoLost' })
    expect(state('bb').status).toBe('sent')
  })

  it('whose photo is refused says why', async () => {
    shelf.put(written('a', ANNA, { photos: [new Blob(['huge'])] }))
    server.refuses.set('huge', refused(413, 'Larger than 20 MB.'))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'refused', words: 'Larger than 20 MB.' })
  })

  it('that a line swallows is tried later while the phone is online', async () => {
    shelf.put(written('a', ANNA), written('bb', ANNA))
    server.refuses.set('a', refused(0))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'waiting', why: 'network', tries: 1 })
    expect(state('bb').status).toBe('sent')
  })
})

describe('without a network', () => {
  it('nothing is tried twice or counted, and everything leaves when it is back', async () => {
    shelf.put(written('a', ANNA), written('bb', ANNA))
    server.up = false
    server.refuses.set('a', refused(0))
    await sendAll(who(ANNA), shelf, server)
    expect([state('a').why, state('a').tries, state('bb').tries]).toEqual(['network', 0, 0])
    server.up = true
    server.refuses.clear()
    await sendAll(who(ANNA), shelf, server, true)
    expect(server.got.map(one => one.id)).toEqual(['a', 'bb'])
  })

  it('an ended session keeps everything', async () => {
    shelf.put(written('a', ANNA), written('bb', ANNA))
    server.refuses.set('a', refused(401))
    await sendAll(who(ANNA), shelf, server)
    expect([state('a').status, state('a').why, server.got.length]).toEqual(['waiting', 'signIn', 0])
  })
})

describe('photos', () => {
  it('that have arrived do not travel again', async () => {
    shelf.put(written('a', ANNA, { photos: [new Blob(['one']), new Blob(['two'])], sent: ['id-one'] }))
    await sendAll(who(ANNA), shelf, server)
    expect(server.photos).toEqual(['two'])
    expect(server.got[0]!.photos).toEqual(['id-one', 'id-two'])
    expect(state('a').photos).toEqual([])
  })

  it('that the server has dropped travel once more, and only once', async () => {
    shelf.put(written('a', ANNA, { photos: [new Blob(['one'])], sent: ['id-gone'] }))
    server.refuses.set('a', refused(422, 'no', 'photo_not_yours'))
    await sendAll(who(ANNA), shelf, server)
    expect(state('a')).toMatchObject({ status: 'waiting', sent: [] })
    await sendAll(who(ANNA), shelf, server)
    expect(server.photos).toEqual(['one'])
    expect(state('a').status).toBe('refused')
  })
})

it('leaves alone what its author takes back while another one travels', async () => {
  shelf.put(written('a', ANNA), written('bb', ANNA))
  const report = server.report
  server.report = async (body, author) => {
    shelf.entries.delete('bb')
    return await report(body, author)
  }
  await sendAll(who(ANNA), shelf, server)
  expect(server.got.map(one => one.id)).toEqual(['a'])
})

it('forgets what was sent two weeks ago, and nothing that waits', async () => {
  shelf.put(written('a', ANNA, { status: 'sent', writtenAt: '2026-11-01T00:00:00Z' }), written('bb', ANNA, { status: 'refused', writtenAt: '2026-10-01T00:00:00Z' }))
  await sendAll(who(BEN), shelf, server)
  expect([...shelf.entries.keys()]).toEqual(['bb'])
})

it('waits longer after each failure, and never longer than a quarter of an hour', () => {
  expect([1, 2, 3, 20].map(pause)).toEqual([15_000, 30_000, 60_000, 900_000])
})
