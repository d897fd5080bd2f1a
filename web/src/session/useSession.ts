/** Who is signed in. The last answer is kept, so that the phone opens without a network. */
import { computed, ref } from 'vue'
import { client, got, Problem, type Schemas } from '@/api/client'
import { setZone } from '@/zone'

export type Me = Schemas['Me']
export type Role = Me['post']['role']
export type Right = Me['rights'][number]

const KEY = 'onemap.me'

function kept(): Me | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null')
  }
  catch {
    return null
  }
}

const me = ref<Me | null>(kept())
setZone(me.value?.zone)

function keep(next: Me | null): void {
  me.value = next
  if (next)
    setZone(next.zone)
  if (next)
    localStorage.setItem(KEY, JSON.stringify(next))
  else
    localStorage.removeItem(KEY)
}

/** Ask who is signed in; only a clear no signs out, half an answer or none lets the kept one stand. */
async function ask(): Promise<boolean> {
  try {
    keep(await got(client.GET('/api/auth/me')))
  }
  catch (error) {
    if (error instanceof Problem && error.status === 401)
      keep(null)
  }
  return me.value !== null
}

let asking: Promise<boolean> | undefined
/** As `ask`; whoever asks meanwhile hears the same answer. */
function check(): Promise<boolean> {
  asking ??= ask().finally(() => (asking = undefined))
  return asking
}

export function useSession() {
  async function signIn(username: string, password: string): Promise<void> {
    keep(await got(client.POST('/api/auth/sign-in', { body: { username, password, bearer: false } })))
  }

  async function accept(secret: string, password: string): Promise<void> {
    keep(await got(client.POST('/api/auth/invitation', { body: { secret, password, bearer: false } })))
  }

  async function signOut(): Promise<void> {
    await client.POST('/api/auth/sign-out', { body: {} })
    keep(null)
  }

  async function switchPost(postId: string): Promise<void> {
    keep(await got(client.POST('/api/auth/post', { body: { post_id: postId } })))
  }


  /** Whether the post has a right; the API's table decides, and says so. */
  const may = (right: Right): boolean => me.value?.rights?.includes(right) ?? false

  return { me, role: computed(() => me.value?.post.role), may, signIn, accept, signOut, switchPost, check }
}

const ON_PHONE: Role[] = ['unit_head', 'grid_worker', 'resident']

/** The page that a role begins with. */
export function home(role: Role): string {
  if (ON_PHONE.includes(role))
    return '/m'
  if (role === 'sys_admin')
    return '/admin'
  return role === 'leader' ? '/board' : '/'
}
